/**
 * The contract of a queue order: who is next when several requests wait, and who is served first of those that run when a
 * step has not tokens enough for all. Independent of the policy.
 *
 * An order gives every sequence a rank; the lowest goes first and the earlier arrival breaks ties. So that none
 * starves, requests age: one that arrived `ageAfterMs` ago goes before everything that has not aged, and aged requests go by
 * arrival. Hence the bound: after `ageAfterMs` no request that arrived later starts before it. precedence.ts adds the bound
 * for those that run.
 */
import type { Sequence } from "./request.js";

export interface Order {
  readonly name: string;
  /** Whether a waiting request may take the slot of a running one of strictly higher rank. */
  readonly preempts: boolean;
  /** Lower goes first. Finite or ±Infinity, never NaN. */
  rank(sequence: Sequence): number;
  /** A sequence joined the queue for the first time. */
  joined?(sequence: Sequence): void;
  /** The engine computed this many tokens for a sequence. */
  served?(sequence: Sequence, tokens: number): void;
  /** A sequence ended, however. */
  left?(sequence: Sequence): void;
}

export interface OrderDefinition {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  create(): Order;
}

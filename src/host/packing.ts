/**
 * How a step's events cross to the main thread. Most of them are one token of one request each, and copying an object
 * for each costs more than all else that the host does between two steps. So runs of such events cross as columns.
 */
import type { SchedulerEvent, TokensEvent } from "../scheduler/events.js";

/** A run of `tokens` events with one token each, at one time, without log-probabilities. */
export interface TokenColumns {
  readonly type: "columns";
  readonly nowMs: number;
  readonly ids: readonly string[];
  readonly tokens: readonly number[];
  readonly texts: readonly string[];
}

export type PackedEvent = SchedulerEvent | TokenColumns;

/** The same events in the same order. */
export function packEvents(events: readonly SchedulerEvent[]): PackedEvent[] {
  const packed: PackedEvent[] = [];
  let open: { nowMs: number; ids: string[]; tokens: number[]; texts: string[] } | undefined;
  for (const event of events) {
    if (!isPlainToken(event)) {
      open = undefined;
      packed.push(event);
      continue;
    }
    if (open?.nowMs !== event.nowMs) {
      const columns = { type: "columns" as const, nowMs: event.nowMs, ids: [], tokens: [], texts: [] };
      packed.push(columns);
      open = columns;
    }
    open.ids.push(event.id);
    open.tokens.push(event.tokens[0]!);
    open.texts.push(event.text);
  }
  return packed;
}

/** Calls `take` with every event in its order. */
export function unpackEvents(packed: readonly PackedEvent[], take: (event: SchedulerEvent) => void): void {
  for (const event of packed) {
    if (event.type !== "columns") take(event);
    else {
      const { nowMs, ids, tokens, texts } = event;
      for (let i = 0; i < ids.length; i++) {
        take({ type: "tokens", id: ids[i]!, nowMs, tokens: [tokens[i]!], text: texts[i]!, logprobs: [] });
      }
    }
  }
}

function isPlainToken(event: SchedulerEvent): event is TokensEvent {
  return event.type === "tokens" && event.tokens.length === 1 && event.logprobs.length === 0;
}

/** `sluice workers`: the same load on servers with 1, 2, 4 … processes, each with its own copy of the model. */
import type { Variant } from "./variant.js";

/** A variant per number of workers. */
export function workerVariants(variant: Variant, counts: readonly number[]): Variant[] {
  return counts.map((workers) => ({
    ...variant,
    label: workers === 1 ? "1 worker" : `${workers} workers`,
    workers,
  }));
}

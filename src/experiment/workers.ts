/** `sluice workers`: the same load on servers with 1, 2, 4 … processes, each with its own copy of the model. */
import type { SchedulerSetup } from "./variant.js";

/** A setup per number of workers. */
export function workerSetups(setup: SchedulerSetup, counts: readonly number[]): SchedulerSetup[] {
  return counts.map((workers) => ({
    ...setup,
    label: workers === 1 ? "1 worker" : `${workers} workers`,
    workers,
  }));
}

import type { Row } from "../../scheduler/step.js";
import type { BatchRow } from "./batch.js";

/** llama.cpp's kernels for processors take rows in groups of four, and go over the weights once more for a rest. */
export const CPU_ROW_MULTIPLE = 4;

const NOBODY = { tokens: [] };

export interface FillerSettings {
  /** The context's streams: one for each slot, and spare ones for fillers alone. */
  readonly streams: number;
  /** Tokens per stream. */
  readonly contextSize: number;
  readonly rowMultiple: number;
}

/**
 * Rows that nobody asked for, next to a step's rows or between them, where the step costs less with them than without.
 * Each comes after all that its slot holds, so that this stays whole when the row's cell is dropped again.
 *
 * @param rows sorted by slot
 * @param cellsIn how many cells a slot holds
 */
export function fillersFor(
  rows: readonly Pick<Row, "slot" | "count">[],
  { streams, contextSize, rowMultiple }: FillerSettings,
  cellsIn: (slot: number) => number,
): BatchRow[] {
  const wanted = filledRows(rows.length, rowMultiple);
  const first = rows[0]!.slot;
  const fits = wanted <= streams && rows.at(-1)!.slot < first + wanted;
  if (wanted === rows.length || !fits || rows.some(({ count }) => count !== 1)) return [];
  const end = Math.min(streams, first + wanted);
  const taken = new Set(rows.map(({ slot }) => slot));
  const fillers: BatchRow[] = [];
  for (let slot = end - wanted; slot < end; slot++) {
    if (!taken.has(slot)) fillers.push({ sequence: NOBODY, slot, start: cellsIn(slot), count: 1, sample: true });
  }
  return fillers.some(({ start }) => start >= contextSize) ? [] : fillers;
}

/**
 * With how many rows a step of `rows` costs least. A rest of half a group or more costs what a whole group costs, or more
 * (docs/engine.md); fewer rows than a group are left alone.
 */
export function filledRows(rows: number, rowMultiple: number): number {
  const rest = rows % rowMultiple;
  return rows > rowMultiple && rest > 0 && 2 * rest >= rowMultiple ? rows - rest + rowMultiple : rows;
}

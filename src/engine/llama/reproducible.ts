import type { BatchRow } from "./batch.js";

/**
 * How a step is computed so that no token's result depends on its company, on how a prompt was cut, or on what was reused.
 *
 * llama.cpp's kernels for processors take another path, with other rounding, in three cases (docs/engine.md): from 64 tokens
 * of one sequence on (attention in tiles); for a token that is computed alone (attention over 512 cells and more is shared
 * out among the threads, and F32 and F16 weights have a kernel of their own); for the only token whose logits are wanted,
 * in the last layer. So no sequence computes more than {@link MOST_TOKENS} at once, and no token is ever alone: a lone one
 * is computed together with the one before it, whose cell comes out as it was.
 */

/** Less than the 64 from which on attention is computed in tiles, and a multiple of the four that kernels like. */
const MOST_TOKENS = 60;
/** What remains of a row after a cut is at least so long. */
const FEWEST_TOKENS = 2;

/** A row of a part. */
export interface PartRow extends BatchRow {
  /** Logits are wanted of so many of its last tokens. */
  readonly outputs: number;
  /** Of its last tokens so many are nobody's: their cells are dropped again. */
  readonly surplus: number;
}

/** Rows that llama.cpp computes in one piece: their slots rise by one, their token counts are equal. */
export type Part = readonly PartRow[];

/**
 * Cuts a step into parts that are computed one after another.
 * @param rows sorted by slot
 */
export function reproducibleParts(rows: readonly BatchRow[]): Part[] {
  const cut = rows.map(cutRow);
  const parts: Part[] = [];
  for (let round = 0; cut.some((pieces) => round < pieces.length); round++) {
    const pieces = cut.flatMap((each) => each.slice(round, round + 1));
    for (const group of groupsOf(pieces))
      parts.push(withTwoOutputs(group.length === 1 ? [neverAlone(group[0]!)] : group));
  }
  return parts;
}

function cutRow(row: BatchRow): PartRow[] {
  const pieces: PartRow[] = [];
  const end = row.start + row.count;
  for (let start = row.start; start < end; ) {
    const left = end - start;
    const most = left > MOST_TOKENS && left - MOST_TOKENS < FEWEST_TOKENS ? MOST_TOKENS - FEWEST_TOKENS : MOST_TOKENS;
    const count = Math.min(left, most);
    const sample = row.sample && count === left;
    const { sequence, slot } = row;
    pieces.push({ sequence, slot, start, count, sample, outputs: sample ? 1 : 0, surplus: 0 });
    start += count;
  }
  return pieces;
}

function groupsOf(rows: readonly PartRow[]): PartRow[][] {
  const groups: PartRow[][] = [];
  for (const row of rows) {
    const before = groups.at(-1)?.at(-1);
    if (before !== undefined && before.count === row.count && before.slot + 1 === row.slot) groups.at(-1)!.push(row);
    else groups.push([row]);
  }
  return groups;
}

function neverAlone(row: PartRow): PartRow {
  if (row.count > 1) return row;
  return row.start > 0 ? { ...row, start: row.start - 1, count: 2 } : { ...row, count: 2, surplus: 1 };
}

function withTwoOutputs(rows: readonly PartRow[]): Part {
  const sampling = rows.findIndex(({ sample }) => sample);
  const alone = sampling >= 0 && rows.every(({ sample }, index) => !sample || index === sampling);
  if (!alone) return rows;
  if (rows[sampling]!.count > 1) return rows.with(sampling, { ...rows[sampling]!, outputs: 2 });
  const other = sampling > 0 ? 0 : 1;
  return rows.with(other, { ...rows[other]!, outputs: 1 });
}

import type { Row } from "../../scheduler/step.js";

type Piece = Pick<Row, "slot" | "count">;

/**
 * Into how many pieces llama.cpp splits a batch of these rows, each computed on its own (`split_equal` in
 * llama-batch.cpp, with one stream per sequence). A piece takes the first slot that has tokens left and those after it as
 * long as their numbers rise by one; from each it takes equally many tokens, as many as the shortest has left.
 *
 * @param rows sorted by slot
 * @param maxTokens the most tokens in one piece
 */
export function countFragments(rows: readonly Piece[], maxTokens: number): number {
  if (isOnePiece(rows, maxTokens)) return 1;
  const left = rows.map((row) => row.count);
  let fragments = 0;
  for (let first = 0; first < rows.length; ) {
    if (left[first] === 0) {
      first++;
      continue;
    }
    let end = first + 1;
    let fewest = left[first]!;
    while (end < rows.length && left[end]! > 0 && rows[end]!.slot === rows[end - 1]!.slot + 1) {
      fewest = Math.min(fewest, left[end]!);
      end++;
    }
    const each = Math.min(fewest, Math.max(1, Math.floor(maxTokens / (end - first))));
    for (let row = first; row < end; row++) left[row]! -= each;
    fragments++;
  }
  return fragments;
}

function isOnePiece(rows: readonly Piece[], maxTokens: number): boolean {
  const first = rows[0];
  if (first === undefined || first.count * rows.length > maxTokens) return false;
  for (let at = 1; at < rows.length; at++) {
    if (rows[at]!.slot !== first.slot + at || rows[at]!.count !== first.count) return false;
  }
  return true;
}

/** Sets of Unicode characters, and the byte sequences that UTF-8 has for them. */

/** From a code point to a code point, both in the set. */
export type CharRange = readonly [first: number, last: number];

/** From a byte to a byte for each place of a character's bytes. */
export type ByteRanges = readonly (readonly [first: number, last: number])[];

export const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const LAST_OF_LENGTH = [0x7f, 0x7ff, 0xffff];

/** Sorted, without overlaps or neighbours. */
export function normalize(ranges: readonly CharRange[]): CharRange[] {
  const sorted = ranges.filter(([first, last]) => first <= last).toSorted((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** Every character that is not in the ranges. */
export function complement(ranges: readonly CharRange[]): CharRange[] {
  const rest: CharRange[] = [];
  let from = 0;
  for (const [first, last] of normalize(ranges)) {
    if (first > from) rest.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= LAST_CODE_POINT) rest.push([from, LAST_CODE_POINT]);
  return rest;
}

/** The byte sequences of a range of characters; halves of surrogate pairs have none. */
export function utf8Ranges([first, last]: CharRange): ByteRanges[] {
  if (first > last) return [];
  if (first <= LAST_SURROGATE && last >= FIRST_SURROGATE) {
    return [...utf8Ranges([first, FIRST_SURROGATE - 1]), ...utf8Ranges([LAST_SURROGATE + 1, last])];
  }
  for (const limit of LAST_OF_LENGTH) {
    if (first <= limit && limit < last) return [...utf8Ranges([first, limit]), ...utf8Ranges([limit + 1, last])];
  }
  if (last <= 0x7f) return [[[first, last]]];
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = (1 << bits) - 1;
    if ((first & ~mask) === (last & ~mask)) continue;
    if ((first & mask) !== 0) return [...utf8Ranges([first, first | mask]), ...utf8Ranges([(first | mask) + 1, last])];
    if ((last & mask) !== mask)
      return [...utf8Ranges([first, (last & ~mask) - 1]), ...utf8Ranges([last & ~mask, last])];
  }
  const low = Buffer.from(String.fromCodePoint(first));
  const high = Buffer.from(String.fromCodePoint(last));
  return [Array.from(low, (byte, i) => [byte, high[i]!] as const)];
}

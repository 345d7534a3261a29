/** How figures are written: the same everywhere, as many digits as mean something. */

/** What stands where there is no figure. */
export const NONE = "–";

type MaybeNumber = number | null | undefined;

/** A duration with a unit that fits it: `0.42 ms`, `37 ms`, `1.20 s`, `132 s`. */
export function duration(ms: MaybeNumber): string {
  if (!isFigure(ms)) return NONE;
  if (ms < 1000) return `${digits(ms)} ms`;
  return `${digits(ms / 1000)} s`;
}

/** Three significant digits, whole numbers from 100 on. */
export function digits(value: MaybeNumber): string {
  if (!isFigure(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** A share from 0 to 1 as a percentage. */
export function percent(share: MaybeNumber): string {
  return isFigure(share) ? `${digits(share * 100)} %` : NONE;
}

export function factor(value: MaybeNumber): string {
  return isFigure(value) ? `${value.toFixed(2)}×` : NONE;
}

/** `1 request`, `2 requests`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function isFigure(value: MaybeNumber): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

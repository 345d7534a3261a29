/** Times as traces and spreadsheets write them. */

/** A time that can be read one way, or a date whose day and month could be either. */
export type TraceTime = number | { readonly dayFirstMs: number; readonly monthFirstMs: number };

/** Seconds since 1970 have ten digits until the year 2286; from these sizes on it is milli-, micro- and nanoseconds. */
const UNITS: readonly [least: number, perMs: number][] = [
  [1e17, 1e6],
  [1e14, 1e3],
  [1e11, 1],
];
const MS_PER_SECOND = 1000;
const NOON = 12;

/** @returns milliseconds, or both readings of a date; NaN for what is no time */
export function readTime(text: string): TraceTime {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return numberMs(Number(text));
  const iso =
    /^(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d(?:[.,]\d+)?))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(
      text,
    );
  if (iso) {
    const [, year, month, day, hours, minutes, seconds, offset] = iso;
    return dateMs(year, month, day, hours, minutes, seconds) - offsetMs(offset);
  }
  const sheet = /^(\d\d?)[./-](\d\d?)[./-](\d{4})(?:[ T,]+(\d\d?):(\d\d)(?::(\d\d(?:[.,]\d+)?))?)?\s*([AP]M)?$/i.exec(
    text,
  );
  if (!sheet) return Number.NaN;
  const [, first, second, year, hours = "0", minutes, seconds, half] = sheet;
  const hour = String(half === undefined ? hours : (Number(hours) % NOON) + (/p/i.test(half) ? NOON : 0));
  return {
    dayFirstMs: dateMs(year, second, first, hour, minutes, seconds),
    monthFirstMs: dateMs(year, first, second, hour, minutes, seconds),
  };
}

/** Milliseconds of all times of one file: a day above 12 anywhere tells its order; without one the day is first. */
export function resolveTimes(times: readonly TraceTime[]): number[] {
  const monthFirst = times.some((time) => typeof time === "object" && Number.isNaN(time.dayFirstMs));
  return times.map((time) => (typeof time === "number" ? time : monthFirst ? time.monthFirstMs : time.dayFirstMs));
}

function numberMs(value: number): number {
  const unit = UNITS.find(([least]) => value >= least);
  return unit ? value / unit[1] : value * MS_PER_SECOND;
}

function dateMs(year = "", month = "", day = "", hours = "0", minutes = "0", seconds = "0"): number {
  const [monthIndex, dayOfMonth] = [Number(month) - 1, Number(day)];
  const midnight = new Date(Date.UTC(Number(year), monthIndex, dayOfMonth));
  if (midnight.getUTCMonth() !== monthIndex || midnight.getUTCDate() !== dayOfMonth) return Number.NaN;
  const minutesOfDay = Number(hours) * 60 + Number(minutes);
  return midnight.getTime() + (minutesOfDay * 60 + Number(seconds.replace(",", "."))) * MS_PER_SECOND;
}

/** Without an offset a time is read as UTC. */
function offsetMs(offset: string | undefined): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(offset ?? "");
  if (!parts) return 0;
  return (parts[1] === "-" ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60 * MS_PER_SECOND;
}

/**
 * Whether an open loop sent more than its target could answer. Then the queue grows for as long as the run lasts, and its
 * percentiles tell how long that was and nothing else. The sign of it: the number of requests under way and the time to
 * first token both rise over the run, each beyond chance.
 */
import { median } from "../metrics/quantile.js";
import { ttftMs } from "../metrics/request.js";
import type { RequestRecord } from "./schema.js";

/** The run is cut into so many stretches of requests, since neighbours share one queue and are no independent draws. */
const STRETCHES = 10;
const LEAST_PER_STRETCH = 5;
/** One-sided p < 0.01 of Kendall's rank correlation for ten values (Kendall, Rank Correlation Methods, table 1). */
const CRITICAL_S = 27;
/** A rise that is beyond chance may still be small: the last stretches against the first. */
const LEAST_RISE = 1.5;

/** @param records of one run; unless there are fifty or more, nothing is said */
export function isOverSaturated(records: readonly RequestRecord[]): boolean {
  const sent = records.toSorted((a, b) => a.dispatchedMs - b.dispatchedMs);
  if (sent.length < STRETCHES * LEAST_PER_STRETCH) return false;
  const underWay = countsUnderWay(sent);
  const waits = sent.map((record) => ttftMs(record));
  return [underWay, waits].every((values) => rises(medians(values)));
}

/** How many were under way when each was sent. */
function countsUnderWay(sent: readonly RequestRecord[]): number[] {
  const ends = Float64Array.from(sent, (record) => record.endedMs).sort();
  let ended = 0;
  return sent.map(({ dispatchedMs }, index) => {
    while (ended < ends.length && ends[ended]! <= dispatchedMs) ended++;
    return index + 1 - ended;
  });
}

function medians(values: readonly (number | null)[]): number[] {
  return Array.from({ length: STRETCHES }, (_, i) => {
    const from = Math.round((i * values.length) / STRETCHES);
    const to = Math.round(((i + 1) * values.length) / STRETCHES);
    return median(values.slice(from, to).filter((value) => value !== null));
  });
}

function rises(values: readonly number[]): boolean {
  let score = 0;
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) score += Math.sign(values[j]! - values[i]!);
  const [first, last] = [median(values.slice(0, 3)), median(values.slice(-3))];
  return score >= CRITICAL_S && last >= LEAST_RISE * first;
}

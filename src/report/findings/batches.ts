import { meanBatchSize } from "../../metrics/batches.js";
import type { Results } from "../../results/schema.js";
import { batchSizesOf, paddingShare, seriesOf } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { digits, listed, percent } from "../figures.js";
import type { Finding } from "./finding.js";

/** Less padding than this is nothing to speak of. */
const NOTABLE_PADDING = 0.01;
const MAX_NAMES = 6;

/** What share of the computed rows was padding, in batches that run to completion. */
export function paddingWaste(results: Results): Finding[] {
  const padded = seriesOf(results)
    .map((series) => ({ series, share: paddingShare(series) ?? 0 }))
    .filter(({ share }) => share >= NOTABLE_PADDING)
    .sort((a, b) => b.share - a.share);
  const [most, least] = [padded[0], padded.at(-1)];
  if (most === undefined || least === undefined) return [];
  const names = padded.map(({ series, share }) => `${seriesName(series)} ${percent(share)}`);
  const said =
    distinct(padded.map(({ series }) => seriesName(series))) === names.length && names.length <= MAX_NAMES
      ? listed(names)
      : `from ${percent(least.share)} (${seriesName(least.series)}) to ${percent(most.share)} (${seriesName(most.series)}, ${most.series.requestSize} requests)`;
  return [{ topic: "padding", text: `Computed for padding, rows that had already ended: ${said}.` }];
}

/** How many sequences the batches held, of how many they may. */
export function batchFill(results: Results): Finding[] {
  const filled = seriesOf(results).flatMap((series) => {
    const limit = series.maxSequences;
    const mean = meanBatchSize(batchSizesOf(series));
    return limit === null || mean === null || limit < 2 ? [] : [{ series, limit, mean }];
  });
  const size = Math.max(...filled.map(({ series }) => series.requestSize));
  const shown = filled.filter(({ series }) => series.requestSize === size);
  if (shown.length === 0) return [];
  if (shown.length <= MAX_NAMES) {
    const names = shown.map(({ series, limit, mean }) => `${seriesName(series)} ${digits(mean)} of ${limit}`);
    return [{ topic: "batch fill", text: `Sequences in a batch on average: ${listed(names)}.` }];
  }
  const emptiest = shown.reduce((a, b) => (b.mean / b.limit < a.mean / a.limit ? b : a));
  const full = shown.filter(({ limit, mean }) => mean >= 0.9 * limit).length;
  const text = `Batches were at least 90 % full in ${full} of ${shown.length} variants; the emptiest held ${digits(emptiest.mean)} of ${emptiest.limit} (${seriesName(emptiest.series)}).`;
  return [{ topic: "batch fill", text }];
}

function distinct(names: readonly string[]): number {
  return new Set(names).size;
}

/** Which results a family of charts is for. */
import type { Results } from "../../results/schema.js";
import { labelsOf, type Series, seriesOf, sizesOf } from "../../results/series.js";

/** Variants with at least one request that ended well. */
export function measuredSeries(results: Results): Series[] {
  return seriesOf(results).filter((series) => series.runs.some((run) => run.summary.ok > 0));
}

/** The variants of a comparison of schedulers (no sweep, no worker counts); undefined when there is nothing to compare. */
export function comparable(results: Results): Series[] | undefined {
  if (results.axes.length > 0) return undefined;
  const allSeries = measuredSeries(results).filter((series) => series.workers === null);
  return labelsOf(allSeries).length > 1 || sizesOf(allSeries).length > 1 ? allSeries : undefined;
}

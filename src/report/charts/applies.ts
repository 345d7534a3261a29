/** Which results a family of charts is for. */
import type { Results } from "../../results/schema.js";
import { labelsOf, type Setting, settingsOf, sizesOf } from "../../results/series.js";

/** Settings with at least one request that ended well. */
export function measuredSettings(results: Results): Setting[] {
  return settingsOf(results).filter((setting) => setting.runs.some((run) => run.summary.ok > 0));
}

/** The settings of a comparison of schedulers (no sweep, no worker counts); undefined when there is nothing to compare. */
export function comparable(results: Results): Setting[] | undefined {
  if (results.axes.length > 0) return undefined;
  const settings = measuredSettings(results).filter((setting) => setting.workers === null);
  return labelsOf(settings).length > 1 || sizesOf(settings).length > 1 ? settings : undefined;
}

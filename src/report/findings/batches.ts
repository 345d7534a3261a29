import type { Results } from "../../results/schema.js";
import { type Setting, settingsOf } from "../../results/series.js";
import { batchLimitOf, settingName } from "../axes.js";
import { digits, percent } from "../figures.js";
import { type Finding, listed } from "./finding.js";

/** Less padding than this is nothing to speak of. */
const NOTABLE_PADDING = 0.01;
const MAX_NAMES = 6;

/** What share of the computed rows was padding, in batches that run to completion. */
export function paddingWaste(results: Results): Finding[] {
  const padded = settingsOf(results)
    .map((setting) => ({ setting, share: paddingShare(setting) }))
    .filter(({ share }) => share >= NOTABLE_PADDING)
    .sort((a, b) => b.share - a.share);
  const [most, least] = [padded[0], padded.at(-1)];
  if (most === undefined || least === undefined) return [];
  const names = padded.map(({ setting, share }) => `${settingName(setting)} ${percent(share)}`);
  const said =
    distinct(padded.map(({ setting }) => settingName(setting))) === names.length && names.length <= MAX_NAMES
      ? listed(names)
      : `from ${percent(least.share)} (${settingName(least.setting)}) to ${percent(most.share)} (${settingName(most.setting)}, ${most.setting.requestSize} requests)`;
  return [{ topic: "padding", text: `Computed for padding, rows that had already ended: ${said}.` }];
}

/** How many sequences the batches held, of how many they may. */
export function batchFill(results: Results): Finding[] {
  const filled = settingsOf(results).flatMap((setting) => {
    const limit = batchLimitOf(setting);
    const mean = meanFill(setting);
    return limit === undefined || mean === undefined || limit < 2 ? [] : [{ setting, limit, mean }];
  });
  const size = Math.max(...filled.map(({ setting }) => setting.requestSize));
  const shown = filled.filter(({ setting }) => setting.requestSize === size);
  if (shown.length === 0) return [];
  if (shown.length <= MAX_NAMES) {
    const names = shown.map(({ setting, limit, mean }) => `${settingName(setting)} ${digits(mean)} of ${limit}`);
    return [{ topic: "batch fill", text: `Sequences in a batch on average: ${listed(names)}.` }];
  }
  const emptiest = shown.reduce((a, b) => (b.mean / b.limit < a.mean / a.limit ? b : a));
  const full = shown.filter(({ limit, mean }) => mean >= 0.9 * limit).length;
  const text = `Batches were at least 90 % full in ${full} of ${shown.length} settings; the emptiest held ${digits(emptiest.mean)} of ${emptiest.limit} (${settingName(emptiest.setting)}).`;
  return [{ topic: "batch fill", text }];
}

function paddingShare(setting: Setting): number {
  const counted = setting.runs.map((run) => run.counters).filter((counters) => counters !== null);
  const rows = counted.reduce((sum, counters) => sum + counters.rows, 0);
  return rows === 0 ? 0 : counted.reduce((sum, counters) => sum + counters.paddingTokens, 0) / rows;
}

function meanFill(setting: Setting): number | undefined {
  const means = setting.runs.map((run) => run.summary.batchSizeMean).filter((mean) => mean !== null);
  return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

function distinct(names: readonly string[]): number {
  return new Set(names).size;
}

/** Runs that differ only in their repeat, put together: what tables, charts and findings speak about. */
import type { Results, RunResult, SettingValue } from "../bench/results.js";

export interface Setting {
  /** The series' name. */
  readonly label: string;
  readonly policy: string;
  readonly requestSize: number;
  readonly axes: Readonly<Record<string, SettingValue>>;
  readonly baseline: boolean;
  readonly workers: number | null;
  /** At least one, by repeat. */
  readonly runs: readonly RunResult[];
}

/** In the order in which they first ran. */
export function settingsOf(results: Results): Setting[] {
  const settings = new Map<string, RunResult[]>();
  for (const run of results.runs) {
    const key = settingKey(run);
    const runs = settings.get(key);
    if (runs) runs.push(run);
    else settings.set(key, [run]);
  }
  return [...settings.values()].map((runs) => {
    const { label, policy, requestSize, axes, baseline, workers } = runs[0]!;
    return { label, policy, requestSize, axes, baseline, workers, runs };
  });
}

/** Equal for runs, in whichever results, that measured the same setting. */
export function settingKey(of: Pick<RunResult, "label" | "requestSize" | "axes" | "baseline" | "workers">): string {
  const axes = Object.entries(of.axes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([of.label, of.requestSize, axes, of.baseline, of.workers]);
}

/** The distinct labels, in the order in which they first ran. */
export function labelsOf(settings: readonly Setting[]): string[] {
  return [...new Set(settings.map((setting) => setting.label))];
}

/** The distinct request sizes, rising. */
export function sizesOf(settings: readonly Setting[]): number[] {
  return [...new Set(settings.map((setting) => setting.requestSize))].sort((a, b) => a - b);
}

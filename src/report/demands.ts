/** Whether results are good enough for exit code 0: requests that ended well, objectives and requirements. */
import type { Results } from "../results/schema.js";
import { type Series, seriesOf } from "../results/series.js";
import { attainments, type Objective } from "../results/slo.js";
import { seriesName } from "./axes.js";
import { listed, percent } from "./figures.js";

import { type Requirement, requirementValue, shownValue } from "./requirements.js";

/** What a command was asked to hold its results to. */
export interface Demands {
  /** Each must be met by one variant at least: which one does is what a comparison is for. */
  readonly objectives: readonly Objective[];
  /** Each must be met by every variant. */
  readonly requirements: readonly Requirement[];
}

export interface Judgement {
  readonly passed: boolean;
  /** What a console shows, one line for each thing that was asked. */
  readonly lines: readonly string[];
}

/** Without demands it passes unless a variant has no request that ended well. */
export function judge(results: Results, { objectives, requirements }: Demands): Judgement {
  const all = seriesOf(results);
  const parts = [
    ...all.flatMap(allFailed),
    ...objectives.map((objective) => judgeObjective(objective, all)),
    ...requirements.flatMap((requirement) => judgeRequirement(requirement, all)),
  ];
  return { passed: parts.every(({ passed }) => passed), lines: parts.map(({ line }) => line) };
}

interface Part {
  readonly passed: boolean;
  readonly line: string;
}

function allFailed(series: Series): Part[] {
  const requests = series.runs.reduce((sum, { summary }) => sum + summary.requests, 0);
  if (requests === 0 || series.runs.some(({ summary }) => summary.ok > 0)) return [];
  return [{ passed: false, line: `FAILED: none of the ${requests} requests of ${seriesName(series)} ended well` }];
}

function judgeObjective(objective: Objective, all: readonly Series[]): Part {
  const judged = all.map((series) => ({
    name: seriesName(series),
    ...attainments(
      series.runs.flatMap((run) => run.requests),
      [objective],
    )[0]!,
  }));
  const met = judged.filter((one) => one.met);
  const passed = met.length > 0;
  const word = passed ? "met" : "MISSED";
  const [only, another] = judged;
  if (only && !another) return { passed, line: `${word}: ${objective.text} (${shareText(only.share, objective)})` };
  const best = Math.max(0, ...judged.map(({ share }) => share ?? 0));
  const who = passed ? `by ${listed(met.map(({ name }) => name))}` : `by all; the best has ${percent(best)}`;
  return { passed, line: `${word}: ${objective.text} ${who}, ${percent(objective.share)} of the requests wanted` };
}

function shareText(share: number | undefined, objective: Objective): string {
  if (share === undefined) return "no request has this figure";
  return `${percent(share)} of the requests, ${percent(objective.share)} wanted`;
}

function judgeRequirement(requirement: Requirement, all: readonly Series[]): Part[] {
  return all.map((series) => {
    const value = requirementValue(requirement, series);
    const passed = value !== undefined && requirement.holds(value);
    const whose = all.length > 1 ? ` by ${seriesName(series)}` : "";
    const is = value === undefined ? "no request has this figure" : shownValue(requirement, value);
    return { passed, line: `${passed ? "met" : "FAILED"}: ${requirement.text}${whose} (${is})` };
  });
}

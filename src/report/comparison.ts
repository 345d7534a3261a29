/** The comparison at the end of a bench: the verdict of each load, and a table of it. */

import { meanBatchSize } from "../metrics/batches.js";
import { latencyMs, ttftMs } from "../metrics/request.js";
import { type Field, fieldsOf } from "../results/contest.js";
import type { Results, ResultsDesign } from "../results/schema.js";
import {
  baselineAmong,
  batchSizesOf,
  failedIn,
  meanOverRounds,
  paddingShare,
  pooled,
  type Series,
  seriesOf,
} from "../results/series.js";
import { counted, digits, duration, factor, NONE, percent } from "./figures.js";
import { type Column, textTable } from "./text-table.js";
import { fieldName, placeText, verdictSentences } from "./verdict-text.js";

/** What it is made of. */
export type Compared = Pick<Results, "runs" | "design">;

/** The sentences first, then one table for each load. */
export function comparison(results: Compared): string {
  const fields = fieldsOf(results);
  const lines = [
    ...verdictSentences(results),
    ...fields.flatMap((field) => ["", ...fieldTable(field, results.design, fields.length > 1)]),
  ];
  return `${lines.join("\n")}\n`;
}

function fieldTable(field: Field, { figure }: ResultsDesign, named: boolean): string[] {
  const { ranked, failed, leader, contest, requestSize } = field;
  const all = [...ranked, ...failed];
  const baseline = baselineAmong(all) ?? seriesOf({ runs: all.flatMap((series) => series.runs) })[0]!;
  const against = (series: Series): string => {
    const ratio = series.label === baseline.label ? undefined : contest.pair(series.label, baseline.label)?.ratio;
    return factor(ratio?.value);
  };
  const place = (series: Series): string => {
    if (series === leader) return ranked.length > 1 ? "★" : "";
    return failed.includes(series) ? NONE : placeText(contest.pair(leader.label, series.label), figure);
  };
  const title = [
    ...(named ? [fieldName(field)] : []),
    `${counted(requestSize, "request")} a run`,
    `${roundsOf(all)} each`,
  ];
  return [title.join(", "), ...textTable(columns(baseline.label, against, place), all)];
}

function roundsOf(all: readonly Series[]): string {
  const counts = all.map(({ runs }) => runs.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? counted(most, "run") : `${least} to ${most} runs`;
}

/** Rates are means over the rounds, times are of all requests together. */
function columns(
  baseline: string,
  against: (series: Series) => string,
  place: (series: Series) => string,
): Column<Series>[] {
  const right = (title: string, value: (series: Series) => string): Column<Series> => ({
    title,
    align: "right",
    value,
  });
  const latency = (series: Series) => pooled(series, latencyMs);
  return [
    { title: "scheduler", align: "left", value: (series) => series.label },
    right("req/s", (series) => digits(meanOverRounds(series, ({ summary }) => summary.requestsPerSec))),
    right("tokens/s", (series) => digits(meanOverRounds(series, ({ summary }) => summary.tokensPerSec))),
    right(`vs ${baseline}`, against),
    right("p50", (series) => duration(latency(series)?.p50)),
    right("p95", (series) => duration(latency(series)?.p95)),
    right("p99", (series) => duration(latency(series)?.p99)),
    right("TTFT p50", (series) => duration(pooled(series, ttftMs)?.p50)),
    right("batch", (series) => digits(meanBatchSize(batchSizesOf(series)))),
    right("padding", (series) => percent(paddingShare(series))),
    right("failed", (series) => String(failedIn(series))),
    { title: "against ★", align: "left", value: place },
  ];
}

/** What `sluice compare` says. */
import { type ComparedMetric, type Comparison, failsMore, type Outcome } from "./compare.js";
import { counted, percent } from "./figures.js";
import { signed } from "./findings/finding.js";
import { type Column, textTable } from "./text-table.js";

const WORDS: Readonly<Record<Outcome, string>> = {
  better: "better",
  worse: "worse",
  noise: "inside the noise",
  unknown: "noise unknown",
};

const MAX_OUTLIERS = 12;
/** Intervals wider than this, as a share, do not show that nothing changed. */
const TELLING = 0.25;

/** The table, what stands out by itself, and the verdict. */
export function comparisonText(comparison: Comparison): string {
  const { metrics, outliers, unmatched } = comparison;
  const shown = outliers.slice(0, MAX_OUTLIERS);
  const differ = comparison.differences;
  return [
    ...(differ.length === 0 ? [] : [`NOTE A and B differ in more than what is compared: ${differ.join("; ")}`]),
    `B against A, ${counted(comparison.variants, "variant")}, at least ${counted(comparison.repeats, "run")} each`,
    "",
    ...textTable(COLUMNS, metrics),
    ...(shown.length === 0 ? [] : ["", "Beyond the noise by themselves:"]),
    ...shown.map(
      (outlier) => `  ${outlier.metric.title} (${outlier.metric.unit}) of ${outlier.variant}: ${withInterval(outlier)}`,
    ),
    ...(outliers.length > shown.length ? [`  and ${outliers.length - shown.length} more`] : []),
    ...(unmatched.length === 0 ? [] : ["", `Only in one of the two, left out: ${unmatched.join("; ")}`]),
    ...failedLines(comparison),
    "",
    verdictText(comparison),
  ].join("\n");
}

function failedLines({ failed }: Comparison): string[] {
  if (failed.a === 0 && failed.b === 0) return [];
  return ["", `Requests that did not end well: ${percent(failed.a)} of A's, ${percent(failed.b)} of B's`];
}

const COLUMNS: Column<ComparedMetric>[] = [
  { title: "metric", align: "left", value: ({ metric }) => `${metric.title} (${metric.unit})` },
  { title: "change", align: "right", value: ({ ratio }) => signed(ratio.value) },
  { title: "interval", align: "right", value: intervalText },
  { title: "", align: "left", value: ({ outcome }) => WORDS[outcome] },
];

/** An interval from too few runs would span everything. */
function intervalText({ interval, outcome }: ComparedMetric): string {
  return interval === undefined || outcome === "unknown" ? "–" : `${signed(interval.low)} to ${signed(interval.high)}`;
}

function withInterval(compared: ComparedMetric): string {
  return `${signed(compared.ratio.value)} (${intervalText(compared)})`;
}

/** One sentence. The intervals hold together with 95 % confidence. */
export function verdictText(comparison: Comparison): string {
  const { verdict, metrics, outliers } = comparison;
  if (failsMore(comparison))
    return "B is worse: more of its requests failed, and the figures are of those that did not.";
  if (metrics.length === 0) return "Not to be said: one of the two has no request that ended well.";
  const all = [...metrics, ...outliers];
  if (verdict === "noise") return noiseText(metrics);
  if (verdict === "unknown")
    return "Not to be said: with fewer than three runs a variant the noise between runs is not known.";
  const some = all.filter(({ outcome }) => outcome === verdict).map(({ metric }) => `${metric.title} (${metric.unit})`);
  const names = [...new Set(some)].join(", ");
  const both =
    verdict === "worse" && all.some(({ outcome }) => outcome === "better") ? " Other figures got better." : "";
  return `B is ${verdict === "worse" ? "slower" : "faster"} beyond the noise (95 % confidence over the whole table): ${names}.${both}`;
}

/** Noise of a few percent hides small changes; noise that spans everything hides any. */
function noiseText(metrics: readonly ComparedMetric[]): string {
  const factors = metrics.flatMap(({ interval }) => (interval ? [1 / interval.low, interval.high] : []));
  const widest = Math.max(...factors) - 1;
  if (widest <= TELLING) {
    return `No difference: every change lies inside the noise, and none can be larger than ${percent(widest)} (95 % confidence over the whole table).`;
  }
  return `Cannot tell: no change is beyond the noise, but the noise hides changes of up to ${percent(widest)}; more runs would say more.`;
}

/** Absolute gates, as `--fail-under 'req/s>5,ttft_p95<500ms,ok>=99%'` gives them: what results must hold. */
import { SluiceError } from "../errors.js";
import { failedIn, type Series } from "../results/series.js";
import { METRICS, type Metric, measure, THROUGHPUT, TOKENS } from "../results/series-metrics.js";
import { digits, duration, percent } from "./figures.js";

export interface Requirement {
  /** As it was written. */
  readonly text: string;
  /** A metric of `compare`, or the share of requests that ended well or did not. */
  readonly subject: Metric | "ok" | "failed";
  /** @param value in the subject's own unit; shares from 0 to 1 */
  holds(value: number): boolean;
}

/** Rates by the units that people know them by. */
const ALIASES: Readonly<Record<string, Metric>> = { "req/s": THROUGHPUT, "tokens/s": TOKENS };
const SHARES = ["ok", "failed"] as const;

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
};

/**
 * A comma-separated list: a metric, `>`, `>=`, `<` or `<=`, and a number; times with `ms` or `s`, shares with `%`.
 *
 * @throws SluiceError `usage`: names the part that is wrong
 */
export function parseRequirements(text: string): Requirement[] {
  return text.split(",").map((part) => parseRequirement(part.trim()));
}

function parseRequirement(text: string): Requirement {
  const match = /^([a-z0-9_/]+)\s*([<>]=?)\s*(\d+(?:\.\d+)?)\s*(ms|s|%|)$/.exec(text);
  const [, name = "", sign = "", number = "", unit = ""] = match ?? [];
  const subject = SHARES.find((share) => share === name) ?? ALIASES[name] ?? METRICS.find(({ id }) => id === name);
  const compare = COMPARISONS[sign];
  const scale = subject === undefined ? undefined : SCALES[unitOf(subject)]?.[unit];
  if (subject !== undefined && compare && scale !== undefined) {
    const limit = Number(number) * scale;
    return { text, subject, holds: (value) => compare(value, limit) };
  }
  const names = [...Object.keys(ALIASES), ...SHARES, ...METRICS.map(({ id }) => id)].join(", ");
  throw new SluiceError(
    "usage",
    `--fail-under: "${text}" is not like "req/s>5", "ttft_p95<500ms" or "failed<1%"; metrics are ${names}`,
    { field: "failUnder" },
  );
}

/** What a number may be followed by, and what it is then multiplied by. */
const SCALES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: { ms: 1, s: 1000 },
  share: { "%": 0.01 },
  rate: { "": 1 },
};

function unitOf(subject: Requirement["subject"]): string {
  if (typeof subject === "string") return "share";
  return subject.unit === "ms" ? "ms" : "rate";
}

/** A variant's figure over all its runs; undefined when no request has it. */
export function requirementValue({ subject }: Requirement, series: Series): number | undefined {
  if (typeof subject !== "string") return measure(series, subject)?.value;
  const requests = series.runs.reduce((sum, { summary }) => sum + summary.requests, 0);
  const failed = failedIn(series);
  if (requests === 0) return undefined;
  return subject === "failed" ? failed / requests : 1 - failed / requests;
}

/** The figure with its unit. */
export function shownValue({ subject }: Requirement, value: number): string {
  if (typeof subject === "string") return percent(value);
  return subject.unit === "ms" ? duration(value) : `${digits(value)} ${subject.unit}`;
}

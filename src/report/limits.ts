/** The gate of `sluice compare --fail-over 'p95>10%,throughput<-5%'`. */
import { SluiceError } from "../errors.js";
import { METRICS, type Metric } from "../results/series-metrics.js";
import { type Comparison, failsMore } from "./compare.js";

export interface Limit {
  /** As it was written. */
  readonly text: string;
  readonly metric: Metric;
  readonly direction: "above" | "below";
  /** B ÷ A. */
  readonly factor: number;
}

/**
 * A comma-separated list: a metric, `>` or `<`, and the change in percent that B may not pass.
 *
 * @throws SluiceError `usage`: names the part that is wrong
 */
export function parseLimits(text: string): Limit[] {
  return text.split(",").map((part) => parseLimit(part.trim()));
}

function parseLimit(text: string): Limit {
  const match = /^([a-z0-9_]+)\s*([<>])\s*([+-]?\d+(?:\.\d+)?)\s*%$/.exec(text);
  const metric = METRICS.find((candidate) => candidate.id === match?.[1]);
  const percent = Number(match?.[3]);
  if (!match || metric === undefined) {
    const names = METRICS.map(({ id }) => id).join(", ");
    throw new SluiceError(
      "usage",
      `--fail-over: "${text}" is not like "p95>10%" or "throughput<-5%"; metrics are ${names}`,
      {
        field: "failOver",
      },
    );
  }
  const direction = match[2] === ">" ? "above" : "below";
  // "p95>-3%" and "throughput<5%" would fail B for being the same as A.
  if (direction === "above" ? percent < 0 : percent > 0) {
    throw new SluiceError(
      "usage",
      `--fail-over: "${text}" would fail on no change at all; give a rise after > or a fall after <`,
      {
        field: "failOver",
      },
    );
  }
  return { text, metric, direction, factor: 1 + percent / 100 };
}

/**
 * The limits that B passed: the change is larger than allowed, and it is no noise. Where too few repeats hide the noise,
 * the change alone decides. A figure that B has not is past every limit, and so is each when more of B's requests failed
 * than of A's: the figures are of those that were left.
 */
export function passedLimits(comparison: Comparison, limits: readonly Limit[]): Limit[] {
  return limits.filter(({ metric, direction, factor }) => {
    const compared = comparison.metrics.find((candidate) => candidate.metric === metric);
    if (compared === undefined || failsMore(comparison)) return true;
    if (compared.outcome === "noise") return false;
    return direction === "above" ? compared.ratio.value > factor : compared.ratio.value < factor;
  });
}

/** One table a workload: rates, Sluice's ratio to each system pair by pair, and waiting times beside the best peer's. */
import { median, spread } from "../figures.js";
import { type Sample, tokensPerSec } from "./peer.js";
import type { Result } from "./results.js";
import { titleOf } from "./workloads.js";

const HEADER = [
  "tokens/s, median (min–max)",
  "sluice ÷ it",
  "TTFT p50 / p95, ms",
  "p95 ÷ best peer's",
  "latency p50 / p95, ms",
  "p95 ÷ best peer's",
  "rounds",
];
const SERVED = "sluice serve";
const IN_PROCESS = "sluice in-process";
/** Not a system that answers requests: its times are not comparable. */
const CEILING = "llama-batched-bench";
/** Systems without HTTP: Sluice is compared without it too. */
const WITHOUT_HTTP = new Set([CEILING, "node-llama-cpp"]);

type Time = "ttftMs" | "latencyMs";

/** Markdown; systems in the order in which they were first measured. */
export function tableOf(workload: string, all: readonly Result[]): string {
  const results = all.filter((result) => result.workload === workload);
  const names = [...new Set(results.map(({ peer }) => peer))];
  const of = (peer: string) => results.filter((result) => result.peer === peer);
  const time = (peer: string, time: Time, share: number) => timeOf(of(peer), time, share);
  const rivals = names.filter((name) => name !== SERVED && name !== IN_PROCESS && name !== CEILING);
  const beside = (name: string, kind: Time) =>
    rivals.length === 0 || name === CEILING
      ? "–"
      : (time(name, kind, 0.95) / Math.min(...rivals.map((rival) => time(rival, kind, 0.95)))).toFixed(2);
  const times = (name: string, kind: Time) =>
    [0.5, 0.95].map((share) => time(name, kind, share).toFixed(0)).join(" / ");
  const rows = names.map((name) => [
    name,
    spread(
      of(name).map(({ measurement }) => tokensPerSec(measurement)),
      0,
    ),
    ratio(of(WITHOUT_HTTP.has(name) ? IN_PROCESS : SERVED), of(name)),
    times(name, "ttftMs"),
    beside(name, "ttftMs"),
    times(name, "latencyMs"),
    beside(name, "latencyMs"),
    `${of(name).length}`,
  ]);
  const head = [titleOf(workload), ...HEADER];
  const lines = [head, head.map(() => "---"), ...rows];
  return `\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}`;
}

/** Pair by pair: rounds of the same run. */
function ratio(own: readonly Result[], others: readonly Result[]): string {
  const ratios = own.flatMap((mine) => {
    const pair = others.find(({ run, round }) => run === mine.run && round === mine.round);
    return pair === undefined ? [] : [tokensPerSec(mine.measurement) / tokensPerSec(pair.measurement)];
  });
  return ratios.length === 0 ? "–" : spread(ratios, 2);
}

/** The median over rounds of a percentile within each. */
function timeOf(results: readonly Result[], time: Time, share: number): number {
  return median(results.map(({ measurement: { samples } }) => percentile(samples, time, share)));
}

function percentile(samples: readonly Sample[], time: Time, share: number): number {
  const sorted = samples.map((sample) => sample[time]).sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (place % 1) * (sorted[Math.ceil(place)]! - below);
}

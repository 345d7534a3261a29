import { median } from "../../metrics/quantile.js";
import type { RequestRecord, Results } from "../../results/schema.js";
import { failedIn, seriesOf } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { counted, digits, listed, percent } from "../figures.js";
import type { Finding } from "./finding.js";

/** Whether every request ended well, and what became of those that did not. */
export function failures(results: Results): Finding[] {
  const total = results.runs.reduce((sum, run) => sum + run.summary.requests, 0);
  const bad = failedIn(results);
  if (total === 0) return [];
  if (bad === 0) return [{ topic: "failed requests", text: `All ${total} requests ended well.`, met: true }];
  const kinds = new Map<string, number>();
  for (const run of results.runs) {
    for (const [kind, count] of Object.entries(run.summary.errors)) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const said = listed([...kinds].map(([kind, count]) => `${count} × ${kind}`));
  const text = `${counted(bad, "request")} of ${total} did not end well${said ? `: ${said}` : ""}; they are in no latency and no throughput.`;
  return [{ topic: "failed requests", text, met: false }, ...reasons(results)];
}

/** More kinds of reasons than this are one that holds a number of its own. */
const MAX_REASONS = 5;

/** What was said of the failures, once per kind: messages that differ in numbers alone are of one kind. */
function reasons(results: Results): Finding[] {
  const kinds = new Map<string, { count: number; error: string }>();
  for (const { error } of results.runs.flatMap((run) => run.requests)) {
    if (error === null) continue;
    const key = error.replaceAll(/\d+(\.\d+)?/g, "#");
    const kind = kinds.get(key);
    if (kind) kind.count++;
    else kinds.set(key, { count: 1, error });
  }
  const most = [...kinds.values()].sort((a, b) => b.count - a.count);
  const shown = most.slice(0, MAX_REASONS).map(({ count, error }) => `${count} × ${error}`);
  const rest = most.length > MAX_REASONS ? [`and ${counted(most.length - MAX_REASONS, "other reason")}`] : [];
  return [...shown, ...rest].map((text) => ({ topic: "reasons of failures", text, met: false }));
}

/** Answers whose tokens the client counted itself, since the server's count was missing or cannot be true. */
export function ownCounts(results: Results): Finding[] {
  const ok = results.runs.flatMap((run) => run.requests).filter((record) => record.status === "ok");
  const of = (source: RequestRecord["tokenCountSource"]): number =>
    ok.filter((record) => record.tokenCountSource === source).length;
  const [counted, contradicted] = [of("counted"), of("contradicted")];
  const topic = "token counts";
  const lies = `In ${contradicted} of ${ok.length} answers the server's own count of tokens contradicts what came: they are counted by us, one a piece of output, and tokens/s and time per token are estimates.`;
  const silence = `The server counts no tokens in ${counted} of ${ok.length} answers: they are counted by us, one a piece of output, and tokens/s and time per token are estimates.`;
  return [
    ...(contradicted > 0 ? [{ topic, text: lies, met: false }] : []),
    ...(counted > 0 ? [{ topic, text: silence }] : []),
  ];
}

/** Runs whose client sent later than it meant to. */
export function lateClient(results: Results): Finding[] {
  const late = seriesOf(results).filter((series) => series.runs.some((run) => !run.summary.clientKeptUp));
  if (late.length === 0) return [];
  const names = listed(late.slice(0, 4).map(seriesName));
  const text = `The client could not keep up with its own plan in ${counted(late.length, "variant")} (${names}): their latencies are not the scheduler's alone.`;
  return [{ topic: "late client", text }];
}

/** How little one repeat says. */
export function fewRepeats(results: Results): Finding[] {
  const repeats = Math.max(0, ...seriesOf(results).map((series) => series.runs.length));
  if (repeats === 0 || repeats >= 3) return [];
  const text = `Each variant ran ${repeats === 1 ? "once" : "twice"}: the noise between runs is not known, and three repeats or more would show it.`;
  return [{ topic: "few repeats", text }];
}

/** Open loops whose queue grew for as long as they lasted. */
export function overSaturation(results: Results): Finding[] {
  const names = seriesOf(results)
    .filter((series) => series.runs.some((run) => run.summary.overSaturated))
    .map(seriesName);
  if (names.length === 0) return [];
  const text = `Over-saturated: ${listed(names.slice(0, MAX_NAMES))} could not follow the load, so requests under way and time to first token rose all along; percentiles tell how long the run was, not how quick the server is. Lower the rate.`;
  return [{ topic: "over-saturation", text, met: false }];
}

/** What else the machine did. */
export function machineNoise(results: Results): Finding[] {
  const told = results.runs.flatMap(({ machine }) => machine ?? []);
  if (told.length === 0) return [];
  const steal = told.flatMap(({ stealPercent }) => stealPercent ?? []);
  const said = [
    ...(steal.length === 0 ? [] : [`${spreadOf(steal)} % of the cores' time went to other machines (steal)`]),
    `the load average was ${spreadOf(told.map(({ load1 }) => load1))}`,
  ];
  return [{ topic: "machine", text: `During the runs ${listed(said)}.` }];
}

/** Runs that something disturbed far beyond the others: named, and left in. */
export function disturbedRuns(results: Results): Finding[] {
  const off = seriesOf(results).flatMap(({ runs }) => {
    const rates = runs.map((run) => Math.log(run.summary.tokensPerSec)).filter(Number.isFinite);
    return rates.length < 3
      ? []
      : runs.map((run) => ({ run, log: Math.log(run.summary.tokensPerSec) - median(rates) }));
  });
  const usual = median(off.map(({ log }) => Math.abs(log)).filter(Number.isFinite));
  const disturbed = off.filter(({ log }) => log < -Math.max(LEAST_DISTURBANCE, DISTURBED_DEVIATIONS * usual));
  return disturbed.slice(0, MAX_NAMES).map(({ run, log }) => {
    const machine = run.machine
      ? ` (steal ${percent((run.machine.stealPercent ?? 0) / 100)}, load ${digits(run.machine.load1)})`
      : "";
    const where = run.load === "" ? "" : ` of ${run.load}`;
    const text = `Disturbed: ${run.label} in round ${run.run}${where} ran ${percent(1 - Math.exp(log))} below its other rounds${machine}; it counts all the same.`;
    return { topic: "disturbed run", text };
  });
}

/** In mean absolute deviations of all runs from their variant's median, and as a log: both must be passed. */
const DISTURBED_DEVIATIONS = 6;
const LEAST_DISTURBANCE = 0.1;
const MAX_NAMES = 4;

function spreadOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${digits(median(values))} (${digits(least)}–${digits(most)})`;
}

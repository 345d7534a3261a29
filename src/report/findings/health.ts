import type { Results } from "../../results/schema.js";
import { failedIn, seriesOf } from "../../results/series.js";
import { seriesName } from "../axes.js";
import { counted } from "../figures.js";
import { type Finding, listed } from "./finding.js";

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
  return [{ topic: "failed requests", text, met: false }];
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

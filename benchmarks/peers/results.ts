/** Measurements as they are kept: a file a run, a line a measurement, so that a run that is cut off keeps what it has. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "../figures.js";
import type { Measurement } from "./peer.js";

/** One peer's measurement in one round. Rounds of one run are what is compared pair by pair. */
export interface Result {
  /** When the run began: it is its name. */
  readonly run: string;
  readonly workload: string;
  readonly round: number;
  readonly peer: string;
  readonly threads: number;
  readonly measurement: Measurement;
}

export class ResultsFolder {
  constructor(private readonly folder: string) {}

  add(result: Result): void {
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, `${result.run.replaceAll(":", "")}.jsonl`);
    appendFileSync(file, `${JSON.stringify(result)}\n`);
  }

  all(): Result[] {
    if (!existsSync(this.folder)) return [];
    const files = readdirSync(this.folder).filter((name) => name.endsWith(".jsonl"));
    const lines = files.sort().flatMap((name) => readFileSync(join(this.folder, name), "utf8").trim().split("\n"));
    return lines.map((line) => JSON.parse(line) as Result);
  }
}

/** Requests per second that llama-server, the better of its two ways, did on `prompts`; undefined: not measured. */
export function llamaServerCapacity(results: readonly Result[]): number | undefined {
  const best = ["llama-server", "llama-server -kvu"].map((peer) => {
    const rates = results
      .filter((result) => result.peer === peer && result.workload === "prompts")
      .map(({ measurement: { samples, wallMs } }) => (samples.length / wallMs) * 1000);
    return rates.length === 0 ? 0 : median(rates);
  });
  return Math.max(...best) || undefined;
}

/** What the engine's benchmarks share: opening an engine, rows of a given shape, interleaved timing. */
import { SystemClock } from "../../src/clock.js";
import { type LlamaEngine, openLlamaEngine } from "../../src/engine/llama/engine.js";
import { resolveModel } from "../../src/models/resolve.js";
import { DEFAULT_SAMPLING, type SamplingParams, Sequence } from "../../src/scheduler/request.js";
import type { Row } from "../../src/scheduler/step.js";

export interface EngineSpec {
  readonly model: string;
  readonly slots: number;
  readonly contextSize: number;
  /** 0: one per core. */
  readonly threads: number;
  readonly poll: number;
  readonly reproducible?: boolean;
}

export async function openEngine({ model, ...spec }: EngineSpec): Promise<LlamaEngine> {
  const found = await resolveModel(model);
  if (found.kind !== "gguf") throw new Error(`${model} has no weights to measure`);
  return openLlamaEngine({
    ...spec,
    modelPath: found.path,
    modelName: found.name,
    device: "cpu",
    clock: new SystemClock(),
    memoryLimitBytes: 0,
  });
}

/** A sequence of `length` known tokens. */
export function makeSequence(length: number, sampling: Partial<SamplingParams> = {}, seed = 1): Sequence {
  const request = {
    id: String(seed),
    promptTokens: Array.from({ length }, (_, index) => 100 + ((index * 37 + seed * 101) % 40_000)),
    maxTokens: 1_000_000,
    sampling: { ...DEFAULT_SAMPLING, ignoreEos: true, seed, ...sampling },
    priority: 0,
    user: "",
    deadlineMs: Number.POSITIVE_INFINITY,
  };
  return new Sequence(request, seed, 0);
}

/** The next `count` tokens of a slot whose first `start` are computed. */
export function makeRow(sequence: Sequence, slot: number, start: number, count: number): Row {
  return { sequence, slot, start, count, sample: true, draft: [], last: false, padding: false };
}

/**
 * Calls every case once per round, in turn, so that what else the machine does falls on all alike.
 * @returns milliseconds by case, sorted
 */
export function interleave(cases: ReadonlyMap<string, () => number>, rounds: number): Map<string, number[]> {
  const times = new Map(Array.from(cases.keys(), (name) => [name, [] as number[]]));
  const warmUp = 2;
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, run] of cases) {
      const elapsedMs = run();
      if (round >= 0) times.get(name)!.push(elapsedMs);
    }
  }
  for (const list of times.values()) list.sort((a, b) => a - b);
  return times;
}

/** Of a sorted list, linear between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

/** One line per case: least, median and upper quartile. */
export function printTimes(title: string, times: ReadonlyMap<string, readonly number[]>, unit = "ms"): void {
  const width = Math.max(...Array.from(times.keys(), (name) => name.length));
  console.log(`\n${title}`);
  console.log(`${"".padEnd(width)}     least    median  upper quartile (${unit})`);
  for (const [name, sorted] of times) {
    const cells = [sorted[0]!, quantile(sorted, 0.5), quantile(sorted, 0.75)].map((each) =>
      each.toFixed(2).padStart(9),
    );
    console.log(`${name.padEnd(width)} ${cells.join(" ")}`);
  }
}

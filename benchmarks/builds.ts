/**
 * Two builds beside each other: the library in-process, in turns on the same requests, so that a machine that drifts
 * touches both. Prints B ÷ A in tokens a second per load, as the mean of the paired log-ratios with its 95 % interval.
 *
 *     npm run build && npx tsx benchmarks/builds.ts --before ../sluice-before --after .
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Random } from "../src/random.js";
import { studentQuantile } from "../src/results/student.js";
import { median } from "./figures.js";
import { count, readFlags, text } from "./flags.js";

const flags = readFlags("Compares two builds in-process, in turns.", {
  before: text(undefined, "folder of a built checkout"),
  after: text(".", "folder of the other"),
  model: text("standin:distilgpt2", "what both run"),
  rounds: count(12, "pairs a load", 2),
  slots: count(32, "slots of each"),
});

interface Load {
  readonly name: string;
  readonly clients: number;
  readonly lengths: readonly number[];
}

/** About three seconds each on two cores. */
const LOADS: readonly Load[] = [
  { name: "1 client", clients: 1, lengths: new Array(4).fill(64) },
  { name: "8 clients", clients: 8, lengths: new Array(24).fill(64) },
  { name: "32 clients", clients: 32, lengths: new Array(48).fill(64) },
  { name: "32 clients, outputs 8–128", clients: 32, lengths: mixedLengths(64) },
];

function mixedLengths(requests: number): number[] {
  const random = new Random(1);
  return Array.from({ length: requests }, () => random.integer(8, 128));
}

const DRIVER = fileURLToPath(new URL("builds.driver.mjs", import.meta.url));

class Build {
  readonly #child;
  readonly #lines;

  constructor(readonly folder: string) {
    const options = JSON.stringify({ model: flags.model, slots: flags.slots });
    this.#child = spawn(process.execPath, [DRIVER, folder, options], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line that the driver says. */
  async heard(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the driver of ${this.folder} ended`);
    return JSON.parse(value);
  }

  async tokensPerSec(load: Load): Promise<number> {
    this.#child.stdin.write(`${JSON.stringify(load)}\n`);
    return (await this.heard()) as number;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** Mean paired log-ratio and its 95 % interval, as factors. */
function pairedRatio(logRatios: readonly number[]): { ratio: number; low: number; high: number } {
  const n = logRatios.length;
  const mean = logRatios.reduce((a, b) => a + b) / n;
  const variance = logRatios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

if (flags.before === undefined) {
  console.error("error: --before FOLDER is missing: a built checkout to compare with");
  process.exit(1);
}
const before = new Build(flags.before);
const after = new Build(flags.after);
await Promise.all([before.heard(), after.heard()]);
for (const load of LOADS) {
  await before.tokensPerSec(load);
  await after.tokensPerSec(load);
  const pairs: [number, number][] = [];
  for (let round = 0; round < flags.rounds; round++) {
    const first = round % 2 === 0 ? before : after;
    const figures = new Map([[first, await first.tokensPerSec(load)]]);
    const second = first === before ? after : before;
    figures.set(second, await second.tokensPerSec(load));
    pairs.push([figures.get(before)!, figures.get(after)!]);
  }
  const { ratio, low, high } = pairedRatio(pairs.map(([a, b]) => Math.log(b / a)));
  const [a, b] = [median(pairs.map(([value]) => value)), median(pairs.map(([, value]) => value))];
  console.log(
    `${load.name.padEnd(26)} after ÷ before ${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}), ` +
      `medians ${a.toFixed(0)} → ${b.toFixed(0)} tokens/s, ${pairs.length} pairs`,
  );
}
before.end();
after.end();

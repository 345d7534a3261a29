/**
 * What the tutor is worth, through Sluice itself: exact corrections of the held-out sentences by error type, and whether
 * schedulers that batch change what it says.
 *
 *     npm run build && npx tsx benchmarks/tutor.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type Completion, Sluice, type SluiceOptions } from "../src/index.js";
import { readFlags, toggle } from "./flags.js";

const { write } = readFlags("Scores the tutor on its held-out sentences.", {
  write: toggle("put the table into models/tutor/README.md"),
});

const CONCURRENCY = 32;
/** Sentences that are corrected one at a time and again under each scheduler. */
const COMPARED = 500;
const PAGE = new URL("../models/tutor/README.md", import.meta.url);

interface HeldOut {
  readonly wrong: string;
  readonly right: string;
  /** "none": the sentence is right already. */
  readonly errorType: string;
  readonly split: "new-words" | "new-frames";
}

const lines = readFileSync(new URL("../models/tutor/heldout.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");
const heldOut = lines.map((line) => JSON.parse(line) as HeldOut);

const table = scoreTable(await correctAll({ policy: "continuous" }, heldOut));
console.log(table);
if (write) writePage(table);

const sample = heldOut.filter((_, i) => i % Math.ceil(heldOut.length / COMPARED) === 0).slice(0, COMPARED);
const alone = await correctAll({ policy: "sequential" }, sample);
for (const policy of ["static", "dynamic", "continuous"]) compare(policy, alone, await correctAll({ policy }, sample));

/** Greedy answers in the order of the sentences, with the two best log-probabilities of every token. */
async function correctAll(options: SluiceOptions, sentences: readonly HeldOut[]): Promise<Completion[]> {
  const sluice = await Sluice.open({ model: "tutor", slots: CONCURRENCY, ...options });
  const answers: Completion[] = [];
  let next = 0;
  const client = async () => {
    for (let i = next++; i < sentences.length; i = next++) {
      answers[i] = await sluice.addRequest(`${sentences[i]!.wrong}<|fix|>`, {
        maxTokens: 64,
        temperature: 0,
        logprobs: 2,
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  await sluice.shutdown();
  return answers;
}

function scoreTable(answers: readonly Completion[]): string {
  const types = [...new Set(heldOut.map(({ errorType }) => errorType))].sort();
  const score = (keep: (item: HeldOut) => boolean) => {
    const kept = heldOut.flatMap((item, i) => (keep(item) ? [answers[i]!.text.trim() === item.right] : []));
    const right = kept.filter(Boolean).length;
    return kept.length === 0 ? "–" : `${((100 * right) / kept.length).toFixed(1)} % (${right}/${kept.length})`;
  };
  const row = (name: string, keep: (item: HeldOut) => boolean) =>
    `| ${name} | ${score((item) => item.split === "new-words" && keep(item))} | ${score((item) => item.split === "new-frames" && keep(item))} |`;
  return [
    "| error type | new-words | new-frames |",
    "|---|---|---|",
    ...types.filter((type) => type !== "none").map((type) => row(type, ({ errorType }) => errorType === type)),
    row("**all errors**", ({ errorType }) => errorType !== "none"),
    row("**right already, left alone**", ({ errorType }) => errorType === "none"),
  ].join("\n");
}

function compare(policy: string, alone: readonly Completion[], together: readonly Completion[]): void {
  const different = alone.flatMap(({ text }, i) => (together[i]!.text === text ? [] : [i]));
  const same = alone.length - different.length;
  console.log(
    `\n${policy}: ${same} of ${alone.length} as one at a time (${((100 * same) / alone.length).toFixed(2)} %)`,
  );
  for (const i of different) {
    const at = alone[i]!.tokens.findIndex((token, place) => token !== together[i]!.tokens[place]);
    const [best, second] = alone[i]!.logprobs[at]!.top;
    const gap = best!.logprob - second!.logprob;
    console.log(`  "${sample[i]!.wrong}": at token ${at} the two best lay ${gap.toFixed(4)} apart (log-probability)`);
  }
}

function writePage(scores: string): void {
  const page = readFileSync(PAGE, "utf8");
  const command = "From `npx tsx benchmarks/tutor.ts --write`:";
  writeFileSync(
    PAGE,
    page.replace(/(<!-- scores:start -->)[\s\S]*(<!-- scores:end -->)/, `$1\n${command}\n\n${scores}\n$2`),
  );
}

/** What a run sends: every request with its prompt, its length and, in an open loop, its time. */
import { hash32, Random } from "../random.js";
import { type ArrivalSettings, arrivalTimesMs } from "./arrivals.js";
import { type ClassSettings, drawClass, type RequestClass } from "./classes.js";
import type { LengthDistribution } from "./lengths.js";
import type { Prompt } from "./prompt-entry.js";
import { wordsOf, wordsOfBlocks } from "./synthesize.js";
import { MOONCAKE_BLOCK_TOKENS, type TraceEntry } from "./traces.js";

export interface PlannedRequest extends RequestClass {
  /** From 1. */
  readonly seq: number;
  readonly prompt: string;
  readonly maxTokens: number;
  /** When to send it, from the start of the run; undefined: as soon as an earlier one has ended (closed loop). */
  readonly atMs: number | undefined;
}

/** Whether requests come at times of their own, and not when others have ended. */
export function isOpenLoop({ arrivals, trace }: Pick<WorkloadSettings, "arrivals" | "trace">): boolean {
  return arrivals !== undefined || trace !== undefined;
}

/** Requests in the order of their times, each made when it is asked for: a long run never holds them all. */
export interface Plan extends Iterable<PlannedRequest> {
  readonly length: number;
}

export interface WorkloadSettings {
  readonly prompts: readonly Prompt[];
  /** Made-up prompts of these lengths take the place of `prompts`. */
  readonly promptLengths: LengthDistribution | undefined;
  /** The most tokens a prompt from a trace may have; longer ones are cut. */
  readonly maxPromptTokens: number;
  /** Undefined: the prompt's own answer length where it has one, else `maxTokens`. */
  readonly outputLengths: LengthDistribution | undefined;
  readonly maxTokens: number;
  /** Undefined: closed loop. */
  readonly arrivals: ArrivalSettings | undefined;
  readonly trace: readonly TraceEntry[] | undefined;
  /** Trace times are divided by this: 2 replays twice as fast. */
  readonly timeScale: number;
  /** Words in front of every prompt, the same within each of `prefixGroups` groups. */
  readonly sharedPrefixTokens: number;
  readonly prefixGroups: number;
  readonly classes: ClassSettings;
}

/** The first requests of a plan. */
export function* firstOf(plan: Plan, count: number): Generator<PlannedRequest> {
  for (const request of plan) {
    if (request.seq > count) return;
    yield request;
  }
}

/** Independent streams of one seed. */
const STREAM = { lengths: 1, arrivals: 2, prompts: 3, prefixes: 4, classes: 5 } as const;

/** The same settings, count and seed make the same requests. A trace shorter than `count` ends the run early. */
export function planWorkload(settings: WorkloadSettings, count: number, seed: number): Plan {
  const { trace } = settings;
  if (trace)
    return { length: Math.min(count, trace.length), [Symbol.iterator]: () => fromTrace(settings, trace, count, seed) };
  return { length: count, [Symbol.iterator]: () => madeUp(settings, count, seed) };
}

function* madeUp(settings: WorkloadSettings, count: number, seed: number): Generator<PlannedRequest> {
  const lengths = new Random(hash32(seed, STREAM.lengths));
  const times = settings.arrivals
    ? arrivalTimesMs(settings.arrivals, count, new Random(hash32(seed, STREAM.arrivals)))
    : [];
  const classes = new Random(hash32(seed, STREAM.classes));
  for (let index = 0; index < count; index++) {
    const prompt = promptAt(settings, index, lengths, seed);
    yield {
      seq: index + 1,
      prompt: withPrefix(settings, prompt.text, index, seed),
      maxTokens: settings.outputLengths?.sample(lengths) ?? prompt.outputTokens ?? settings.maxTokens,
      atMs: times[index],
      ...drawClass(settings.classes, prompt.stated, classes),
    };
  }
}

function promptAt(settings: WorkloadSettings, index: number, lengths: Random, seed: number): Prompt {
  if (settings.promptLengths) {
    const text = wordsOf(settings.promptLengths.sample(lengths), hash32(hash32(seed, STREAM.prompts), index));
    return { text, outputTokens: undefined };
  }
  return settings.prompts[index % settings.prompts.length] ?? { text: "", outputTokens: undefined };
}

function withPrefix(settings: WorkloadSettings, prompt: string, index: number, seed: number): string {
  if (settings.sharedPrefixTokens === 0) return prompt;
  const group = index % settings.prefixGroups;
  return `${wordsOf(settings.sharedPrefixTokens, hash32(hash32(seed, STREAM.prefixes), group))} ${prompt}`;
}

function* fromTrace(
  settings: WorkloadSettings,
  trace: readonly TraceEntry[],
  count: number,
  seed: number,
): Generator<PlannedRequest> {
  const classes = new Random(hash32(seed, STREAM.classes));
  for (const [index, entry] of trace.slice(0, count).entries()) {
    const tokens = Math.max(1, Math.min(entry.inputTokens, settings.maxPromptTokens));
    const prompt =
      entry.text ??
      wordsOfBlocks(
        tokens,
        entry.blocks.slice(0, Math.ceil(tokens / MOONCAKE_BLOCK_TOKENS)),
        MOONCAKE_BLOCK_TOKENS,
        hash32(hash32(seed, STREAM.prompts), index),
      );
    yield {
      seq: index + 1,
      prompt: withPrefix(settings, prompt, index, seed),
      maxTokens: Math.max(1, Math.min(entry.outputTokens, settings.maxTokens)),
      atMs: entry.atMs / settings.timeScale,
      ...drawClass(settings.classes, entry.stated, classes),
    };
  }
}

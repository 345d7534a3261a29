/** Runs sequences on an engine step by step, without a scheduler. */
import type { Engine } from "../engine/engine.js";
import { DEFAULT_SAMPLING, type SamplingParams, Sequence } from "../scheduler/request.js";
import type { Row, RowOutcome, Sample, SlotChange, StepOutcome } from "../scheduler/step.js";

export const GREEDY: Partial<SamplingParams> = { temperature: 0, ignoreEos: true, logprobs: 2 };

const MAX_TOKENS = 8;

/** A sequence on its way, with what came out of it so far. */
export class Run {
  text = "";
  stopped = false;
  readonly samples: Sample[] = [];

  constructor(
    readonly sequence: Sequence,
    public slot: number,
  ) {}

  get ended(): boolean {
    return this.stopped || this.sequence.generated >= this.sequence.request.maxTokens;
  }

  /** Tokens generated so far. */
  get tokens(): readonly number[] {
    return this.samples.map((sample) => sample.token);
  }

  /** The next tokens to compute, at most `chunk` of them, and guesses after them. */
  row(chunk = Number.POSITIVE_INFINITY, draft: readonly number[] = []): Row {
    const { sequence, slot } = this;
    const count = Math.min(chunk, sequence.pending);
    return {
      sequence,
      slot,
      start: sequence.computed,
      count,
      sample: count === sequence.pending,
      draft,
      last: sequence.generated + draft.length + 1 >= sequence.request.maxTokens,
      padding: false,
    };
  }

  /** @throws the row's error */
  take({ samples, computed, error }: RowOutcome): void {
    this.sequence.computed += computed;
    for (const sample of samples) {
      this.sequence.tokens.push(sample.token);
      this.samples.push(sample);
      this.text += sample.text;
      this.stopped = sample.stopped;
    }
    if (error !== undefined) throw error;
  }
}

export interface RunSpec {
  /** Different numbers have different prompts. */
  readonly prompt: number;
  readonly slot: number;
  readonly sampling?: Partial<SamplingParams>;
  readonly maxTokens?: number;
  /** Instead of those of `prompt`. */
  readonly promptTokens?: readonly number[];
  /** Output that was generated elsewhere. */
  readonly generatedTokens?: readonly number[];
}

/** Prompts of different lengths and contents, the same on every call. */
export function promptTokens(engine: Engine, prompt: number): number[] {
  return engine.tokenize(`Prompt ${prompt} of many${" goes on and on".repeat(prompt % 4)} and ends`, true);
}

export function makeRun(engine: Engine, spec: RunSpec): Run {
  const { prompt, slot, sampling = GREEDY, maxTokens = MAX_TOKENS, generatedTokens } = spec;
  const request = {
    id: `conformance-${prompt}-${slot}`,
    promptTokens: spec.promptTokens ?? promptTokens(engine, prompt),
    generatedTokens,
    maxTokens,
    sampling: { ...DEFAULT_SAMPLING, ...sampling },
    priority: 0,
    user: "",
    deadlineMs: Number.POSITIVE_INFINITY,
  };
  return new Run(new Sequence(request, prompt, 0), slot);
}

/** Empties the slots of these runs. */
export function emptySlots(runs: readonly Run[]): SlotChange[] {
  return runs.map(({ slot }) => ({ kind: "trim", slot, keep: 0 }));
}

export interface StepOptions {
  readonly slotChanges?: readonly SlotChange[];
  readonly chunk?: number;
}

/** One step for all runs that have not ended. */
export function step(engine: Engine, runs: readonly Run[], { slotChanges = [], chunk }: StepOptions = {}): StepOutcome {
  const active = runs.filter((run) => !run.ended).sort((a, b) => a.slot - b.slot);
  const rows = active.map((run) => run.row(chunk));
  const outcome = engine.run({ slotChanges, rows });
  for (const [index, run] of active.entries()) run.take(outcome.rows[index]!);
  return outcome;
}

/** Runs to the end; the slots are emptied first. */
export function finish(engine: Engine, runs: readonly Run[], options: StepOptions = {}): void {
  let slotChanges = emptySlots(runs);
  while (runs.some((run) => !run.ended)) {
    step(engine, runs, { ...options, slotChanges });
    slotChanges = [];
  }
}

/** Runs the prompt in one piece and what was generated elsewhere token by token, as the machine elsewhere did. */
export function resume(engine: Engine, spec: RunSpec & { readonly generatedTokens: readonly number[] }): Run {
  const run = makeRun(engine, spec);
  step(engine, [run], { slotChanges: emptySlots([run]), chunk: run.sequence.request.promptTokens.length });
  while (!run.ended) step(engine, [run], { chunk: 1 });
  return run;
}

/** What a run gives alone, in slot 0. */
export function alone(engine: Engine, spec: Omit<RunSpec, "slot">): Run {
  const run = makeRun(engine, { ...spec, slot: 0 });
  finish(engine, [run]);
  return run;
}

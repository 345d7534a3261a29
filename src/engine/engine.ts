/**
 * The contract of an engine.
 *
 * An engine owns a model and a fixed number of slots. A slot holds the cells (keys and values) of one sequence's context,
 * up to `contextSize` of them. `run` is synchronous: it carries out the step's slot changes in their order, computes the
 * rows, samples one token for every row that asks for it and makes text of it. It blocks its thread and nothing else.
 *
 * What it promises, and `conformance/engine.ts` checks: the tokens of a sequence depend on its request alone, never on
 * its slot, its neighbours, how its tokens were cut into rows, or what a slot held before; on real kernels up to rounding,
 * or to the last bit where the engine was opened as reproducible (docs/engine.md). What belongs to a sequence
 * beyond its cells (sampler and text state) hangs on the `Sequence` object and goes with it. A row whose token cannot be
 * chosen has an error in place of its sample, and only that sequence is lost. A call that fails throws a SluiceError
 * `engine_failed`; the sequences of that step are lost, the engine lives on.
 */
import type { Step, StepOutcome } from "../scheduler/step.js";

export interface EngineInfo {
  /** What `--model` said, for humans. */
  readonly model: string;
  /** "llama" or "mock". */
  readonly kind: string;
  readonly slots: number;
  /** Tokens that one slot holds: prompt plus output. */
  readonly contextSize: number;
  /** The most tokens in one step. */
  readonly maxStepTokens: number;
  /** The most guesses in a row (`Row.draft`); 0: it takes none. */
  readonly maxDraftTokens: number;
  readonly vocabularySize: number;
  /** Whether it can hold output to a grammar (`SamplingParams.grammar`). */
  readonly grammar: boolean;
  /** Human-readable: which kernels on which device with how many threads. */
  readonly device: string;
  /** The model's own chat template (Jinja), if it has one. */
  readonly chatTemplate: string | undefined;
}

export interface Engine {
  readonly info: EngineInfo;
  /** @throws SluiceError `engine_failed` */
  run(step: Step): StepOutcome;
  /** Token ids of a text. `special`: markers such as "<|endoftext|>" become their token, not their letters. */
  tokenize(text: string, special: boolean): number[];
  detokenize(tokens: readonly number[]): string;
  /** Frees the model. Nothing may be called afterwards. */
  close(): void;
}

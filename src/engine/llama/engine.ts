import type { Clock } from "../../clock.js";
import { SluiceError } from "../../errors.js";
import type { Sequence } from "../../scheduler/request.js";
import type { Row, RowOutcome, Sample, Step, StepOutcome } from "../../scheduler/step.js";
import { TextStream } from "../../text/text-stream.js";
import type { Engine, EngineInfo } from "../engine.js";
import { type GrammarConstraint, GrammarFactory } from "../sampling/grammar.js";
import { Sampler, type Vocabulary } from "../sampling/sampler.js";
import type { LlamaApi } from "./api.js";
import { loadLlama } from "./binding.js";
import { LlamaContext, MAX_SLOTS } from "./context.js";
import { CPU_ROW_MULTIPLE } from "./filler.js";
import { MemoryGauge } from "./memory-gauge.js";
import { type LlamaModel, loadModel } from "./model.js";
import type { LlamaDevice } from "./platform.js";
import { DEFAULT_POLL, threadCount } from "./thread-pool.js";
import { readVocabulary } from "./token-vocabulary.js";
import { LlamaTokenizer } from "./tokenizer.js";

export interface LlamaEngineOptions {
  /** A GGUF file. */
  readonly modelPath: string;
  /** What the user called it. */
  readonly modelName: string;
  readonly device: LlamaDevice;
  /** Compute threads; 0: one per core. */
  readonly threads: number;
  readonly slots: number;
  /** Tokens per slot; 0: what the model was trained for, at most {@link DEFAULT_CONTEXT}. */
  readonly contextSize: number;
  /** The most tokens in one step. */
  readonly maxStepTokens?: number;
  readonly clock: Clock;
  /** What the process's memory is measured against; 0: the machine's memory. */
  readonly memoryLimitBytes: number;
  /** How long idle compute threads spin before they sleep, 0 to 100. */
  readonly poll?: number;
  /** Every token's result is the same in any company, at some cost (reproducible.ts). */
  readonly reproducible?: boolean;
}

const NO_SAMPLES: readonly Sample[] = [];
const DEFAULT_CONTEXT = 1024;
const DEFAULT_STEP_TOKENS = 2048;

/**
 * Loads a model into this thread.
 * @throws SluiceError `model_unavailable`, `device_unavailable`, or `usage` for sizes that the model cannot have
 */
export function openLlamaEngine(options: LlamaEngineOptions): LlamaEngine {
  const { device } = options;
  if (options.slots < 1 || options.slots > MAX_SLOTS) {
    throw new SluiceError("usage", `slots must be 1 to ${MAX_SLOTS}, got ${options.slots}`, { field: "slots" });
  }
  const llama = loadLlama(device);
  const model = loadModel(llama, options.modelPath, device !== "auto" && device !== "cpu");
  try {
    return new LlamaEngine(llama.api, model, options);
  } catch (error) {
    llama.api.modelFree(model.address);
    throw error;
  }
}

/** What a sequence carries from step to step besides its cells. */
interface SequenceState {
  readonly text: TextStream;
  readonly grammar: GrammarConstraint | undefined;
}

/** llama.cpp behind the contract of an engine. */
export class LlamaEngine implements Engine {
  readonly info: EngineInfo;
  /** For {@link openTokenizer} in another thread. */
  readonly vocabularyAddress: bigint;
  readonly #api: LlamaApi;
  readonly #model: LlamaModel;
  readonly #clock: Clock;
  readonly #vocabulary: Vocabulary;
  readonly #context: LlamaContext;
  readonly #sampler: Sampler;
  readonly #grammars: GrammarFactory;
  readonly #tokenizer: LlamaTokenizer;
  readonly #memory: MemoryGauge;
  readonly #states = new WeakMap<Sequence, SequenceState>();

  constructor(api: LlamaApi, model: LlamaModel, options: LlamaEngineOptions) {
    const contextSize = options.contextSize > 0 ? options.contextSize : Math.min(model.trainedContext, DEFAULT_CONTEXT);
    if (contextSize > model.trainedContext) {
      const message = `context-size must be at most ${model.trainedContext} (what the model was trained for), got ${contextSize}`;
      throw new SluiceError("usage", message, { field: "context-size" });
    }
    const { slots, maxStepTokens = DEFAULT_STEP_TOKENS, poll = DEFAULT_POLL, reproducible = false } = options;
    if (reproducible && model.gpu !== undefined) {
      const message = `reproducible results are known for processors only, and ${model.deviceName} is none; use --device cpu`;
      throw new SluiceError("usage", message, { field: "reproducible" });
    }
    const threads = threadCount(options.threads);
    this.#api = api;
    this.#model = model;
    this.#clock = options.clock;
    this.#vocabulary = readVocabulary(api, model.vocab);
    const vocabularySize = this.#vocabulary.table.size;
    const rowMultiple = model.gpu === undefined && !reproducible ? CPU_ROW_MULTIPLE : 1;
    const sizes = { slots, contextSize, maxStepTokens, vocabularySize };
    this.#context = new LlamaContext(api, model, { ...sizes, rowMultiple, threads, poll, reproducible });
    this.#sampler = new Sampler(this.#vocabulary);
    this.#grammars = new GrammarFactory(this.#vocabulary, options.clock);
    this.#tokenizer = new LlamaTokenizer(api, model.vocab, this.#vocabulary.table);
    this.#memory = new MemoryGauge(options.clock, options.memoryLimitBytes, api, model.gpu);
    this.vocabularyAddress = model.vocab;
    this.info = {
      model: options.modelName,
      kind: "llama",
      ...sizes,
      maxDraftTokens: 0,
      grammar: true,
      device: `${model.deviceName}, ${threads} thread${threads === 1 ? "" : "s"}, llama.cpp ${api.version()}`,
      chatTemplate: model.chatTemplate,
    };
  }

  run(step: Step): StepOutcome {
    const startMs = this.#clock.nowMs();
    for (const change of step.slotChanges) this.#context.change(change);
    this.#checkFits(step.rows);
    const { logits, ...shape } = this.#context.compute(step.rows);
    const computedMs = this.#clock.nowMs();
    const rows = this.#sample(step.rows, logits);
    return {
      rows,
      ...shape,
      computeMs: computedMs - startMs,
      grammarMs: this.#grammars.takeSpentMs(),
      sampleMs: this.#clock.nowMs() - computedMs,
      memoryUsage: this.#memory.read(),
    };
  }

  tokenize(text: string, special: boolean): number[] {
    return this.#tokenizer.tokenize(text, special);
  }

  detokenize(tokens: readonly number[]): string {
    return this.#tokenizer.detokenize(tokens);
  }

  close(): void {
    this.#context.close();
    this.#api.modelFree(this.#model.address);
  }

  /** llama.cpp ends the process when it is handed more than it has room for. */
  #checkFits(rows: readonly Row[]): void {
    const { slots, contextSize, maxStepTokens } = this.info;
    let tokens = 0;
    for (const row of rows) {
      tokens += row.count;
      const fits =
        row.slot >= 0 &&
        row.slot < slots &&
        row.count > 0 &&
        row.draft.length === 0 &&
        row.start + row.count <= contextSize;
      if (!fits) {
        this.#context.clear(rows.filter((each) => each.slot >= 0 && each.slot < slots));
        const what = `slot ${row.slot}, ${row.count} tokens from position ${row.start}`;
        throw new SluiceError(
          "engine_failed",
          `a row does not fit into ${slots} slots of ${contextSize} tokens: ${what}`,
        );
      }
    }
    if (tokens === 0 || tokens > maxStepTokens) {
      this.#context.clear(rows);
      throw new SluiceError("engine_failed", `a step must have 1 to ${maxStepTokens} tokens, got ${tokens}`);
    }
  }

  #sample(rows: readonly Row[], logits: readonly Float32Array[]): RowOutcome[] {
    let sampled = 0;
    return rows.map((row) =>
      row.sample ? this.#sampleOrFail(row, logits[sampled++]!) : { samples: NO_SAMPLES, computed: row.count },
    );
  }

  /** What goes wrong with one row ends that row: its neighbours have their own logits and state. */
  #sampleOrFail(row: Row, logits: Float32Array): RowOutcome {
    try {
      return { samples: [this.#sampleRow(row, logits)], computed: row.count };
    } catch (error) {
      this.#states.delete(row.sequence);
      return { samples: NO_SAMPLES, computed: row.count, error: SluiceError.from(error, "engine_failed") };
    }
  }

  #sampleRow({ sequence, last }: Row, logits: Float32Array): Sample {
    const state = this.#stateOf(sequence);
    const { sampling } = sequence.request;
    const { token, logprobs } = this.#sampler.draw(sequence, logits, state.grammar);
    if (token < 0) throw noToken(logits);
    const ended =
      (!sampling.ignoreEos && this.#vocabulary.endTokens.includes(token)) || sampling.stopTokenIds.includes(token);
    const { text: stream } = state;
    let text = ended ? "" : stream.push(token, sequence.generated + 1 > sampling.minTokens);
    const stopped = ended || stream.stopped;
    if (stopped || last) {
      if (!stream.stopped) text += stream.finish();
      this.#states.delete(sequence);
    }
    return { token, text, stopped, logprobs };
  }

  #stateOf(sequence: Sequence): SequenceState {
    let state = this.#states.get(sequence);
    if (state === undefined) {
      const { stop, grammar } = sequence.request.sampling;
      state = {
        text: new TextStream(this.#vocabulary.table, stop),
        grammar: grammar === undefined ? undefined : this.#grammars.create(grammar),
      };
      this.#states.set(sequence, state);
      replay(sequence, state);
    }
    return state;
  }
}

/** Text and grammar take in what was generated elsewhere; its text was told there. */
function replay({ request }: Sequence, { text, grammar }: SequenceState): void {
  const { generatedTokens = [], sampling } = request;
  grammar?.begin();
  for (const [index, token] of generatedTokens.entries()) {
    if (grammar !== undefined && !grammar.allows(token)) {
      throw new SluiceError("invalid_request", `generated token ${index + 1} does not fit the grammar`);
    }
    grammar?.accept(token);
    text.push(token, index + 1 > sampling.minTokens);
  }
  if (text.stopped)
    throw new SluiceError("invalid_request", "the generated tokens hold a stop string: nothing is left");
}

function noToken(logits: Float32Array): SluiceError {
  if (!logits.some((logit) => logit > Number.NEGATIVE_INFINITY)) {
    return new SluiceError("engine_failed", "the model's logits hold no number that a token can be drawn from");
  }
  const why = "min_tokens, stop_token_ids, logit_bias and the grammar together exclude every token";
  return new SluiceError("invalid_request", `no token is left to draw: ${why}; relax one of them.`);
}

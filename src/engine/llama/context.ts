import koffi from "koffi";
import { SluiceError } from "../../errors.js";
import type { Row, SlotChange } from "../../scheduler/step.js";
import type { LlamaApi } from "./api.js";
import { type BatchRow, LlamaBatch } from "./batch.js";
import { cellBytes, cellsOf } from "./cells.js";
import { filledRows, fillersFor } from "./filler.js";
import { countFragments } from "./fragments.js";
import { errorLines } from "./log.js";
import { availableBytes, formatBytes } from "./memory.js";
import type { LlamaModel } from "./model.js";
import { type Part, reproducibleParts } from "./reproducible.js";
import { SlotCopier } from "./slot-copier.js";
import type { ContextParams, Pointer } from "./structs.js";
import { createThreadPool } from "./thread-pool.js";

/** llama.cpp's `LLAMA_MAX_SEQ`. */
export const MAX_SLOTS = 256;
const FLASH_ATTENTION_ON = 1;
/** What a token that is never alone comes in. */
const LONE_TOKENS = 2;

export interface ContextSettings {
  readonly slots: number;
  /** Tokens per slot. */
  readonly contextSize: number;
  /** What the kernels like the number of a step's rows to be a multiple of. */
  readonly rowMultiple: number;
  readonly maxStepTokens: number;
  readonly threads: number;
  readonly poll: number;
  readonly vocabularySize: number;
  /** Every token's result is the same in any company (reproducible.ts). */
  readonly reproducible: boolean;
}

/** `streams`: llama.cpp's sequences, one for each slot and spare ones for fillers alone. */
type ContextShape = ContextSettings & { readonly streams: number };

/** What llama_decode returns, in words. */
const DECODE_FAILURES: Readonly<Record<string, string>> = {
  "1": "no free cells in a slot",
  "2": "the computation was aborted",
  "-1": "the batch is inconsistent with the slots' contents",
  "-2": "memory could not be allocated",
  "-3": "a kernel failed",
};

/** What came of a step's rows. */
export interface Computed {
  /** A view of the logits for every row with `sample`, in their order, valid until the next step is computed. */
  readonly logits: readonly Float32Array[];
  readonly fragments: number;
  readonly filledRows: number;
}

/** A `llama_context`: the cells of all slots, a stream for each, and the threads that compute. */
export class LlamaContext {
  readonly #api: LlamaApi;
  readonly #address: Pointer;
  readonly #memory: Pointer;
  readonly #pool: Pointer | undefined;
  readonly #copier: SlotCopier;
  readonly #batch: LlamaBatch;
  readonly #shape: ContextShape;
  #logitsAddress: Pointer | undefined;
  #logitsRows: Float32Array[] = [];

  /** @throws SluiceError `model_unavailable` when memory does not suffice */
  constructor(api: LlamaApi, model: LlamaModel, settings: ContextSettings) {
    this.#api = api;
    const shape = { ...settings, streams: filledRows(settings.slots, settings.rowMultiple) };
    this.#shape = shape;
    if (model.gpu === undefined) checkCellsFit(api, model, shape);
    this.#address = createContext(api, model, shape);
    this.#memory = api.getMemory(this.#address);
    this.#copier = new SlotCopier(api, this.#address, model, settings.contextSize);
    this.#pool = createThreadPool(api, settings.threads, settings.poll);
    if (this.#pool !== undefined) api.attachThreadPool(this.#address, this.#pool, null);
    this.#batch = new LlamaBatch(batchTokens(shape));
  }

  /** Carries out one change. */
  change(change: SlotChange): void {
    const api = this.#api;
    const memory = this.#memory;
    switch (change.kind) {
      case "trim":
        api.memorySeqRemove(memory, change.slot, change.keep, -1);
        break;
      case "copy":
        this.#copier.copy(change.from, change.to);
        api.memorySeqRemove(memory, change.to, change.keep, -1);
        break;
      case "move":
        this.#copier.copy(change.from, change.to);
        api.memorySeqRemove(memory, change.from, -1, -1);
        break;
    }
  }

  /**
   * Computes a step's rows, and with them others where that is cheaper.
   * @throws SluiceError `engine_failed`; the slots of the rows are empty then
   */
  compute(rows: readonly Row[]): Computed {
    return this.#shape.reproducible ? this.#computeInParts(rows) : this.#computeAtOnce(rows);
  }

  #computeInParts(rows: readonly Row[]): Computed {
    const parts = reproducibleParts(rows);
    const logitsOf = new Map<number, Float32Array>();
    for (const part of parts) {
      for (const { slot, start } of part) this.#api.memorySeqRemove(this.#memory, slot, start, -1);
      this.#batch.fill(part);
      this.#decode(rows);
      for (const { slot, start, count, surplus } of part)
        if (surplus > 0) this.#api.memorySeqRemove(this.#memory, slot, start + count - surplus, -1);
      this.#keepLogits(part, logitsOf);
    }
    const logits = rows.filter((row) => row.sample).map((row) => logitsOf.get(row.slot)!);
    return { logits, fragments: parts.length, filledRows: 0 };
  }

  /** The next part overwrites them, so they are copied. */
  #keepLogits(part: Part, logitsOf: Map<number, Float32Array>): void {
    const logits = this.#allLogits();
    let outputs = 0;
    for (const row of part) {
      outputs += row.outputs;
      if (row.sample) logitsOf.set(row.slot, logits[outputs - 1 - row.surplus]!.slice());
    }
  }

  #computeAtOnce(rows: readonly Row[]): Computed {
    const fillers = fillersFor(rows, this.#shape, (slot) => this.#api.memorySeqPosMax(this.#memory, slot) + 1);
    const batchRows: readonly BatchRow[] =
      fillers.length === 0 ? rows : [...rows, ...fillers].sort((a, b) => a.slot - b.slot);
    this.#batch.fill(batchRows);
    try {
      this.#decode(rows);
    } finally {
      for (const { slot, start } of fillers) this.#api.memorySeqRemove(this.#memory, slot, start, -1);
    }
    return {
      logits: this.#logitsOf(batchRows, fillers),
      fragments: countFragments(batchRows, batchTokens(this.#shape)),
      filledRows: fillers.length,
    };
  }

  /** Computes the batch. @throws SluiceError `engine_failed`; the slots of the step's rows are empty then */
  #decode(rows: readonly Row[]): void {
    const code = this.#api.decode(this.#address, this.#batch.native);
    if (code === 0) {
      this.#copier.computed();
      return;
    }
    this.clear(rows);
    const reason = DECODE_FAILURES[code] ?? "unknown";
    throw new SluiceError(
      "engine_failed",
      `llama.cpp could not compute a step: ${reason} (llama_decode returned ${code})`,
    );
  }

  /** Empties the slots of these rows. */
  clear(rows: readonly Row[]): void {
    for (const row of rows) this.#api.memorySeqRemove(this.#memory, row.slot, -1, -1);
  }

  close(): void {
    this.#api.detachThreadPool(this.#address);
    this.#api.free(this.#address);
    if (this.#pool !== undefined) this.#api.threadPool?.free(this.#pool);
    this.#batch.free();
    this.#copier.free();
  }

  /** llama.cpp leaves one row of logits for each that sampled, in the batch's order. */
  #logitsOf(batchRows: readonly BatchRow[], fillers: readonly BatchRow[]): readonly Float32Array[] {
    const logits = this.#allLogits();
    if (fillers.length === 0) return logits;
    return batchRows.filter((row) => row.sample).flatMap((row, i) => (fillers.includes(row) ? [] : [logits[i]!]));
  }

  /** It keeps them in one place, large enough for one row a stream: the views of it are made once. */
  #allLogits(): readonly Float32Array[] {
    const address = this.#api.getLogits(this.#address) ?? undefined;
    if (address !== this.#logitsAddress) {
      this.#logitsAddress = address;
      this.#logitsRows = address === undefined ? [] : this.#viewRows(address);
    }
    return this.#logitsRows;
  }

  #viewRows(address: Pointer): Float32Array[] {
    const { vocabularySize: size } = this.#shape;
    const outputs = mostOutputs(this.#shape);
    const all = new Float32Array(koffi.view(address, 4 * size * outputs));
    return Array.from({ length: outputs }, (_, row) => all.subarray(row * size, (row + 1) * size));
  }
}

/** A step's tokens, or, where a step may have few, one for every stream. */
function batchTokens({ maxStepTokens, streams }: ContextShape): number {
  return Math.max(maxStepTokens, streams, LONE_TOKENS);
}

/** A step samples at most one token a stream; a lone one is never computed alone (reproducible.ts). */
function mostOutputs({ streams }: ContextShape): number {
  return Math.max(streams, LONE_TOKENS);
}

function createContext(api: LlamaApi, model: LlamaModel, shape: ContextShape): Pointer {
  const { slots, streams, contextSize, threads } = shape;
  const params: ContextParams = {
    ...api.contextDefaultParams(),
    n_ctx: contextSize * streams,
    n_batch: batchTokens(shape),
    n_ubatch: batchTokens(shape),
    n_seq_max: streams,
    // Without this, room for a row of logits per token would be kept.
    n_outputs_max: mostOutputs(shape),
    n_threads: threads,
    n_threads_batch: threads,
    flash_attn_type: FLASH_ATTENTION_ON,
    offload_kqv: model.gpu !== undefined,
    op_offload: model.gpu !== undefined,
    kv_unified: false,
    no_perf: true,
  };
  const create = () => api.initFromModel(model.address, params);
  const address = create();
  if (address !== null) return address;
  const lines = errorLines(api, () => {
    const late = create();
    if (late !== null) api.free(late);
  });
  const reason = lines.at(-1) ?? "it gives no reason";
  const message = `llama.cpp cannot set up ${slots} slots of ${contextSize} tokens: ${reason}`;
  throw new SluiceError("model_unavailable", message);
}

function checkCellsFit(api: LlamaApi, model: LlamaModel, { slots, streams, contextSize }: ContextShape): void {
  const neededBytes = cellBytes(api, model) * cellsOf(contextSize) * streams;
  const freeBytes = availableBytes();
  if (neededBytes <= freeBytes) return;
  throw new SluiceError(
    "model_unavailable",
    `${slots} slots of ${contextSize} tokens need ${formatBytes(neededBytes)} of memory and ${formatBytes(freeBytes)} ` +
      "are free; use fewer slots or a smaller context size",
  );
}

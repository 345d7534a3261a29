import koffi from "koffi";
import type { LlamaApi } from "./api.js";
import { cellBytes, cellsOf } from "./cells.js";
import type { LlamaModel } from "./model.js";
import type { Pointer } from "./structs.js";

/** Beside its keys and values a saved cell has its position and its sequence, and every layer a short head. */
const STATE_BYTES_PER_CELL = 32;
const STATE_HEAD_BYTES = 65_536;

/**
 * Copies the cells of one slot to another. llama.cpp offers two ways:
 *
 * - `llama_memory_seq_cp` copies the slot's whole buffer, full or not, when the next batch is computed;
 * - saving and restoring a sequence's state copies the cells that it has, twice, and at once.
 *
 * The second is cheaper while less than half of a slot is in use. The two do not mix freely: what the first has put off
 * would be done after what the second does at once, so once a copy was put off, the others of its step are as well.
 */
export class SlotCopier {
  readonly #api: LlamaApi;
  readonly #context: Pointer;
  readonly #memory: Pointer;
  /** Most cells that are copied at once. */
  readonly #cellsAtOnce: number;
  readonly #bufferBytes: number;
  #buffer: Pointer | undefined;
  #putOff = false;

  constructor(api: LlamaApi, context: Pointer, model: LlamaModel, contextSize: number) {
    this.#api = api;
    this.#context = context;
    this.#memory = api.getMemory(context);
    // State would go through the processor's memory, and it leaves out cells that a sliding window does not see now but
    // would see again after a trim.
    const direct = model.gpu === undefined && api.modelSlidingWindow(model.address) === 0;
    this.#cellsAtOnce = direct ? cellsOf(contextSize) / 2 : 0;
    this.#bufferBytes = STATE_HEAD_BYTES + this.#cellsAtOnce * (cellBytes(api, model) + STATE_BYTES_PER_CELL);
  }

  /** `to` holds the cells of `from` afterwards, and no others. */
  copy(from: number, to: number): void {
    if (from === to) return;
    const cells = this.#api.memorySeqPosMax(this.#memory, from) + 1;
    if (cells === 0) {
      this.#api.memorySeqRemove(this.#memory, to, -1, -1);
      return;
    }
    if (!this.#putOff && cells <= this.#cellsAtOnce && this.#copyState(from, to)) return;
    this.#api.memorySeqCopy(this.#memory, from, to, -1, -1);
    this.#putOff = true;
  }

  /** A batch was computed: nothing is put off any longer. */
  computed(): void {
    this.#putOff = false;
  }

  free(): void {
    if (this.#buffer !== undefined) koffi.free(this.#buffer);
    this.#buffer = undefined;
  }

  /** @returns false when the state does not fit into the buffer */
  #copyState(from: number, to: number): boolean {
    this.#buffer ??= koffi.alloc("uint8", this.#bufferBytes) as Pointer;
    const bytes = Number(this.#api.stateSeqGetData(this.#context, this.#buffer, this.#bufferBytes, from));
    return bytes > 0 && Number(this.#api.stateSeqSetData(this.#context, this.#buffer, bytes, to)) > 0;
  }
}

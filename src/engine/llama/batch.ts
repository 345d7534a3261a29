import koffi from "koffi";
import type { Sequence } from "../../scheduler/request.js";
import type { Row } from "../../scheduler/step.js";
import type { NativeBatch, Pointer } from "./structs.js";

/** What a batch needs to know of a row. */
export interface BatchRow extends Pick<Row, "slot" | "start" | "count" | "sample"> {
  readonly sequence: Pick<Sequence, "tokens">;
  /** Logits are wanted of so many of its last tokens; without it of one if it samples. */
  readonly outputs?: number;
}

/** A `llama_batch` in native memory, filled anew for every step without allocating. */
export class LlamaBatch {
  /** What `llama_decode` takes. */
  readonly native: NativeBatch;
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #slots: Int32Array;
  readonly #wantsLogits: Int8Array;
  readonly #addresses: Pointer[];

  /** @param capacity the most tokens in a step */
  constructor(capacity: number) {
    const token = koffi.alloc("int32", capacity) as Pointer;
    const pos = koffi.alloc("int32", capacity) as Pointer;
    const n_seq_id = koffi.alloc("int32", capacity) as Pointer;
    const slots = koffi.alloc("int32", capacity) as Pointer;
    const seq_id = koffi.alloc("uint64", capacity) as Pointer;
    const logits = koffi.alloc("int8", capacity) as Pointer;
    this.#addresses = [token, pos, n_seq_id, slots, seq_id, logits];
    this.#tokens = new Int32Array(koffi.view(token, 4 * capacity));
    this.#positions = new Int32Array(koffi.view(pos, 4 * capacity));
    this.#slots = new Int32Array(koffi.view(slots, 4 * capacity));
    this.#wantsLogits = new Int8Array(koffi.view(logits, capacity));
    // Every token belongs to one sequence, whose id stands in `slots`: set once, only the ids change.
    new Int32Array(koffi.view(n_seq_id, 4 * capacity)).fill(1);
    const pointers = new BigUint64Array(koffi.view(seq_id, 8 * capacity));
    for (let at = 0; at < capacity; at++) pointers[at] = slots + 4n * BigInt(at);
    this.native = { n_tokens: 0, token, embd: null, pos, n_seq_id, seq_id, logits };
  }

  /** Takes a step's rows, in their order. */
  fill(rows: readonly BatchRow[]): void {
    let at = 0;
    for (const row of rows) {
      const { tokens } = row.sequence;
      for (let offset = 0; offset < row.count; offset++) {
        const position = row.start + offset;
        // Padding and fillers compute past the last known token; which token that is does not matter.
        this.#tokens[at] = tokens[position] ?? 0;
        this.#positions[at] = position;
        this.#slots[at] = row.slot;
        this.#wantsLogits[at] = 0;
        at++;
      }
      this.#wantsLogits.fill(1, at - (row.outputs ?? Number(row.sample)), at);
    }
    this.native.n_tokens = at;
  }

  free(): void {
    for (const address of this.#addresses.splice(0)) koffi.free(address);
  }
}

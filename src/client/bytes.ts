/** Bytes that are gathered from pieces, in one buffer that grows and is used again. */
export class Bytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = needed;
  }

  /** All of it as text; what comes next begins anew. */
  take(encoding: "utf8" | "latin1"): string {
    const text = this.#buffer.toString(encoding, 0, this.#length);
    this.#length = 0;
    return text;
  }
}

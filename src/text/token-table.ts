/**
 * The bytes of every token of a vocabulary, read once. A token's bytes need not be whole characters: byte-level
 * vocabularies cut characters where it pays.
 */
export class TokenTable {
  readonly size: number;
  readonly #bytes: Uint8Array;
  /** Token t has the bytes from `#starts[t]` up to `#starts[t + 1]`. */
  readonly #starts: Uint32Array;
  readonly #texts: (string | null | undefined)[];

  /** @param readBytes the bytes of one token; called once for each token id below `size` */
  constructor(size: number, readBytes: (token: number) => Uint8Array) {
    this.size = size;
    this.#starts = new Uint32Array(size + 1);
    this.#texts = new Array(size);
    let bytes = new Uint8Array(8 * size);
    let length = 0;
    for (let token = 0; token < size; token++) {
      const piece = readBytes(token);
      if (length + piece.length > bytes.length) {
        const larger = new Uint8Array(2 * bytes.length + piece.length);
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(piece, length);
      length += piece.length;
      this.#starts[token + 1] = length;
    }
    this.#bytes = bytes.slice(0, length);
  }

  /** A view of the token's bytes; empty for control tokens and for ids that do not exist. */
  bytesOf(token: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[token] ?? 0, this.#starts[token + 1] ?? 0);
  }

  /** The token's text if its bytes are whole characters, else undefined. */
  wholeTextOf(token: number): string | undefined {
    let text = this.#texts[token];
    if (text === undefined) {
      text = decodeWhole(this.bytesOf(token));
      this.#texts[token] = text;
    }
    return text ?? undefined;
  }

  /** The token's text read alone; what is not a whole character becomes U+FFFD. */
  textOf(token: number): string {
    return this.wholeTextOf(token) ?? decodeUtf8(this.bytesOf(token));
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8 to text; invalid bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

function decodeWhole(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

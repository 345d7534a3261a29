/** Log-probabilities in the two shapes that OpenAI's endpoints return. */
import type { SampledLogprobs, TokenLogprob } from "../scheduler/request.js";

/** Log-probabilities of chat answers. */
export function chatLogprobs(entries: readonly SampledLogprobs[]) {
  return {
    content: entries.map((entry) => ({ ...chatToken(entry), top_logprobs: entry.top.map(chatToken) })),
    refusal: null,
  };
}

function chatToken(entry: TokenLogprob) {
  return { token: tokenText(entry), logprob: finite(entry.logprob), bytes: entry.bytes };
}

/**
 * Log-probabilities of one text completion, as its tokens come. The drawn token is among the likeliest, however many of
 * those were asked for. An offset counts characters as Python does, which has no halves of one; a token that begins
 * inside a character has that character's offset.
 */
export class CompletionLogprobs {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #offset = 0;

  /** @param chars in the whole text, where it is known: what belonged to a stop string lies behind it */
  of(entries: readonly SampledLogprobs[], chars = Number.POSITIVE_INFINITY) {
    return {
      tokens: entries.map(tokenText),
      token_logprobs: entries.map((entry) => finite(entry.logprob)),
      top_logprobs: entries.map((entry) =>
        Object.fromEntries([...entry.top, entry].map((token) => [tokenText(token), finite(token.logprob)])),
      ),
      text_offset: entries.map((entry) => Math.min(this.#pass(entry), chars)),
    };
  }

  /** @returns where the token begins */
  #pass({ bytes }: SampledLogprobs): number {
    const begin = this.#offset;
    for (const _character of this.#decoder.decode(Uint8Array.from(bytes), { stream: true })) this.#offset += 1;
    return begin;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A token that is only a part of a character is written as its bytes, as OpenAI does. */
function tokenText(entry: TokenLogprob): string {
  try {
    return utf8.decode(Uint8Array.from(entry.bytes));
  } catch {
    return `bytes:${entry.bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}`;
  }
}

/** JSON has no −Infinity; OpenAI writes −9999 for "next to impossible". */
function finite(logprob: number): number {
  return Number.isFinite(logprob) ? logprob : -9999;
}

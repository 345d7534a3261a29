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
 * Log-probabilities of text completions.
 *
 * @param offset characters before the first of these tokens, prompt included when it is echoed
 */
export function completionLogprobs(entries: readonly SampledLogprobs[], offset: number) {
  const textOffsets: number[] = [];
  let position = offset;
  for (const entry of entries) {
    textOffsets.push(position);
    position += entry.text.length;
  }
  return {
    tokens: entries.map(tokenText),
    token_logprobs: entries.map((entry) => finite(entry.logprob)),
    top_logprobs: entries.map((entry) =>
      Object.fromEntries(entry.top.map((top) => [tokenText(top), finite(top.logprob)])),
    ),
    text_offset: textOffsets,
  };
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

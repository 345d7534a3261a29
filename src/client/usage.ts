/** Whether a server's own count of tokens can be true, held against what came. */

/** What is known without believing anybody. */
export interface Evidence {
  readonly maxTokens: number;
  readonly promptBytes: number;
  /** Pieces that held a choice, be its text empty. */
  readonly choices: number;
  /** Pieces that held text. */
  readonly texts: number;
  readonly textBytes: number;
}

/** Tokens that no text shows: of turns, of ends. */
const UNSEEN_TOKENS = 8;
/** A server may count what it did beyond `max_tokens`, such as guessed tokens. Twice as many are no rounding. */
const OVER_MAX_TOKENS = 2;
/** A proxy may cut text anew, a letter a piece; longer words than this are rare. */
const MAX_PIECES_PER_TOKEN = 16;
/** A template and a system prompt may stand around a prompt. */
const TEMPLATE_TOKENS = 16_384;

/**
 * The completion's tokens as the server counted them; undefined when that cannot be: no whole number, far more than were
 * asked for, more than the pieces and the letters that came can hold, or none for text that came.
 *
 * @param reasoning those that were thought and not shown, as some servers tell
 */
export function believableCompletion(told: unknown, reasoning: unknown, evidence: Evidence): number | undefined {
  const count = wholeNumber(told);
  if (count === undefined || count > OVER_MAX_TOKENS * evidence.maxTokens + UNSEEN_TOKENS) return undefined;
  const shown = count - Math.min(count, wholeNumber(reasoning) ?? 0);
  if (shown > Math.max(evidence.choices, evidence.textBytes) + UNSEEN_TOKENS) return undefined;
  return evidence.texts > 0 && evidence.texts > MAX_PIECES_PER_TOKEN * count ? undefined : count;
}

/** The prompt's tokens as the server counted them; undefined when that cannot be: a token is a byte at least. */
export function believablePrompt(told: unknown, { promptBytes }: Evidence): number | undefined {
  const count = wholeNumber(told);
  return count === undefined || count === 0 || count > promptBytes + TEMPLATE_TOKENS ? undefined : count;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

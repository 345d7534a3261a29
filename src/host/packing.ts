/**
 * How a step's events cross to the main thread. Most of them are one token of one request each, and the message is
 * copied after every step: runs of such events cross as flat arrays, which cost less to copy than objects.
 */
import type { SchedulerEvent, TokensEvent } from "../scheduler/events.js";

/**
 * A run of `tokens` events with one token each, at one time, without log-probabilities: the time, then id, token and text
 * of every event.
 */
export type TokenRun = readonly [nowMs: number, ...idsTokensTexts: (string | number)[]];

export type PackedEvent = SchedulerEvent | TokenRun;

/** The same events in the same order. */
export function packEvents(events: readonly SchedulerEvent[]): PackedEvent[] {
  const packed: PackedEvent[] = [];
  let open: [number, ...(string | number)[]] | undefined;
  for (const event of events) {
    if (!isPlainToken(event)) {
      open = undefined;
      packed.push(event);
      continue;
    }
    if (open?.[0] !== event.nowMs) {
      open = [event.nowMs];
      packed.push(open);
    }
    open.push(event.id, event.tokens[0]!, event.text);
  }
  return packed;
}

/** Calls `take` with every event in its order. */
export function unpackEvents(packed: readonly PackedEvent[], take: (event: SchedulerEvent) => void): void {
  for (const event of packed) {
    if (isRun(event)) unpackRun(event, take);
    else take(event);
  }
}

function unpackRun(run: TokenRun, take: (event: TokensEvent) => void): void {
  const [nowMs] = run;
  for (let at = 1; at < run.length; at += 3) {
    const [id, token, text] = [run[at] as string, run[at + 1] as number, run[at + 2] as string];
    take({ type: "tokens", id, nowMs, tokens: [token], text, logprobs: [] });
  }
}

function isRun(event: PackedEvent): event is TokenRun {
  return Array.isArray(event);
}

function isPlainToken(event: SchedulerEvent): event is TokensEvent {
  return event.type === "tokens" && event.tokens.length === 1 && event.logprobs.length === 0;
}

import type { EngineInfo } from "../../src/engine/engine.js";
import { type ErrorCode, SluiceError } from "../../src/errors.js";
import type { EngineHost } from "../../src/host/client.js";
import type { HostStats } from "../../src/host/protocol.js";
import { newCounters } from "../../src/scheduler/counters.js";
import type { SchedulerEvent } from "../../src/scheduler/events.js";
import type { Request } from "../../src/scheduler/request.js";
import { Markers, type PromptText } from "../../src/text/markers.js";

interface Entry {
  readonly request: Request;
  readonly listener: (event: SchedulerEvent) => void;
  slot: number;
  generated: number;
}

/** Beyond the bytes: one marker token. */
const FIX_TOKEN = 256;

/**
 * An engine host under the test's thumb: nothing happens until `step()`. A token is a byte of UTF-8; the n-th generated
 * token of a request is the letter (seed + n) mod 26.
 */
export class FakeHost implements EngineHost {
  readonly info: EngineInfo;
  readonly markers = new Markers([{ text: "<|fix|>", control: true, stripsLeft: false, stripsRight: false }], {
    end: "<|fix|>",
  });
  readonly counters = newCounters();
  readonly submitted: Request[] = [];
  readonly cancelled: string[] = [];
  nowMs = 0;
  closed = false;
  #entries: Entry[] = [];
  #drained: (() => void)[] = [];

  constructor(info: Partial<EngineInfo> = {}) {
    this.info = {
      model: "fake",
      kind: "llama",
      slots: 4,
      contextSize: 128,
      maxStepTokens: 512,
      maxDraftTokens: 0,
      vocabularySize: 257,
      grammar: true,
      device: "none",
      chatTemplate: "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}",
      ...info,
    };
  }

  get waiting(): number {
    return this.#entries.filter((entry) => entry.slot < 0).length;
  }

  get waitingTokens(): number {
    return this.#entries
      .filter((entry) => entry.slot < 0)
      .reduce((sum, entry) => sum + entry.request.promptTokens.length, 0);
  }

  tokenize(prompt: PromptText, special: boolean): number[] {
    return promptTokens(prompt, special);
  }

  async tokenizeAside(prompt: PromptText, special: boolean): Promise<number[]> {
    return promptTokens(prompt, special);
  }

  detokenize(tokens: readonly number[], special = false): string {
    if (special && tokens.includes(FIX_TOKEN)) return tokens.map((token) => textOf(token)).join("");
    return Buffer.from(tokens.filter((token) => token < 256)).toString();
  }

  async configure(): Promise<void> {}

  submit(request: Request, listener: (event: SchedulerEvent) => void): void {
    this.submitted.push(request);
    this.#entries.push({ request, listener, slot: -1, generated: 0 });
  }

  cancel(id: string): void {
    this.cancelled.push(id);
    this.fail(id, "cancelled");
  }

  flush(): void {}

  drain(): Promise<void> {
    if (this.#entries.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  async stats(): Promise<HostStats> {
    const running = this.#entries.length - this.waiting;
    return {
      nowMs: this.nowMs,
      counters: structuredClone(this.counters),
      waiting: this.waiting,
      waitingTokens: this.waitingTokens,
      running,
      slots: this.info.slots,
      kvUsage: running / this.info.slots,
      stepGapMs: { p50: 0.1, p99: 0.2, max: 0.3, total: 1 },
      busyMs: this.nowMs,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { request } of [...this.#entries]) this.fail(request.id, "shutting_down");
  }

  /** Admits what fits and gives every running request its next letter. */
  step(): void {
    this.nowMs += 10;
    this.counters.steps += 1;
    this.#admit();
    const running = this.#entries.filter((entry) => entry.slot >= 0);
    this.counters.batchSizes[running.length] = (this.counters.batchSizes[running.length] ?? 0) + 1;
    for (const entry of running) this.#generate(entry);
  }

  /** Steps until nothing is left. */
  run(): void {
    while (this.#entries.length > 0) this.step();
  }

  fail(id: string, code: ErrorCode): void {
    const entry = this.#entries.find(({ request }) => request.id === id);
    if (entry === undefined) return;
    this.#remove(entry);
    entry.listener({ type: "failed", id, nowMs: this.nowMs, error: new SluiceError(code, `failed: ${code}`).toData() });
  }

  #admit(): void {
    for (const entry of this.#entries) {
      if (entry.slot >= 0) continue;
      const taken = new Set(this.#entries.map(({ slot }) => slot));
      const slot = Array.from({ length: this.info.slots }, (_, i) => i).find((i) => !taken.has(i));
      if (slot === undefined) return;
      entry.slot = slot;
      const { id } = entry.request;
      entry.listener({
        type: "started",
        id,
        nowMs: this.nowMs,
        slot,
        batch: this.counters.steps,
        batchSize: taken.size,
      });
    }
  }

  #generate(entry: Entry): void {
    const { id, maxTokens, promptTokens, sampling } = entry.request;
    entry.generated += 1;
    this.counters.generatedTokens += 1;
    const token = 97 + ((sampling.seed + entry.generated) % 26);
    const text = String.fromCharCode(token);
    const ending = sampling.stop.includes(text);
    const top = Array.from({ length: sampling.logprobs ?? 0 }, (_, i) => described(token + i));
    const logprobs = sampling.logprobs === undefined ? [] : [{ ...described(token), top }];
    const event = {
      type: "tokens",
      id,
      nowMs: this.nowMs,
      tokens: [token],
      text: ending ? "" : text,
      logprobs,
    } as const;
    entry.listener(event);
    if (!ending && entry.generated < maxTokens) return;
    this.#remove(entry);
    entry.listener({
      type: "finished",
      id,
      nowMs: this.nowMs,
      reason: ending ? "stop" : "length",
      promptTokens: promptTokens.length,
      completionTokens: entry.generated,
      reusedTokens: 0,
      paddingTokens: 0,
      preemptions: 0,
    });
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    if (this.#entries.length === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }
}

function textOf(token: number): string {
  return token === FIX_TOKEN ? "<|fix|>" : String.fromCharCode(token);
}

function promptTokens(prompt: PromptText, special: boolean): number[] {
  const pieces = typeof prompt === "string" ? [{ text: prompt, special }] : prompt;
  return pieces.flatMap((piece) => tokensOf(piece.text, piece.special));
}

function tokensOf(text: string, special: boolean): number[] {
  const parts = special ? text.split(/(<\|fix\|>)/) : [text];
  return parts.flatMap((part) => (special && part === "<|fix|>" ? [FIX_TOKEN] : [...Buffer.from(part)]));
}

function described(token: number) {
  return { token, text: String.fromCharCode(token), bytes: [token], logprob: -0.5 };
}

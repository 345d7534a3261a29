import { describe, expect, it } from "vitest";
import { SystemClock } from "../clock.js";
import { SluiceError } from "../errors.js";
import type { PlannedRequest } from "../workload/workload.js";
import { Collected } from "./collected.fixture.js";
import type { RecordDraft } from "./draft.js";
import { drive } from "./drive.js";
import type { Target } from "./target.js";

const clock = new SystemClock();
const never = new AbortController().signal;

function plan(count: number, atMs?: number): PlannedRequest[] {
  return Array.from({ length: count }, (_, index) => ({ seq: index + 1, prompt: "p", maxTokens: 2, atMs }));
}

/** Answers when it is told to, and knows how many were under way at once. */
class FakeTarget implements Target {
  readonly kind = "remote";
  readonly url = null;
  mostAtOnce = 0;
  flushes = 0;
  readonly sent: number[] = [];
  #underWay = 0;

  constructor(private readonly answer: (draft: RecordDraft, signal: AbortSignal) => Promise<void>) {}

  async send(draft: RecordDraft, signal: AbortSignal): Promise<void> {
    this.sent.push(draft.planned.seq);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay);
    await this.answer(draft, signal);
    this.#underWay--;
  }

  flush(): void {
    this.flushes++;
  }
}

async function twoTokens(draft: RecordDraft): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  draft.tokens("a", 1, clock.nowMs());
  draft.tokens("b", 1, clock.nowMs());
  draft.finished({ reason: "length", inputTokens: 1, outputTokens: 2, tokenCountSource: "engine" }, clock.nowMs());
}

describe("the load driver", () => {
  it("keeps a closed loop at its concurrency, sends all in order and flushes once", async () => {
    const target = new FakeTarget(twoTokens);
    const observer = new Collected();
    await drive(target, plan(10), { clock, maxConcurrent: 3, signal: never, observer });
    expect(target.mostAtOnce).toBe(3);
    expect(target.sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(target.flushes).toBe(1);
    expect(observer.records.map((record) => [record.seq, record.status, record.output])).toEqual(
      target.sent.map((seq) => [seq, "ok", "ab"]),
    );
    for (const record of observer.records) expect(record.dispatchedMs).toBe(record.intendedMs);
  });

  it("sends what is due together in an open loop, and counts from the intended time", async () => {
    const target = new FakeTarget(twoTokens);
    const observer = new Collected();
    await drive(target, plan(5, 0), { clock, maxConcurrent: Number.POSITIVE_INFINITY, signal: never, observer });
    expect(target.mostAtOnce).toBe(5);
    for (const record of observer.records) {
      expect(record.intendedMs).toBe(0);
      expect(record.dispatchedMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("sends nothing more once it is interrupted, and waits for what is under way", async () => {
    const controller = new AbortController();
    const target = new FakeTarget(async (draft, signal) => {
      if (draft.planned.seq === 2) controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) draft.failed(new SluiceError("cancelled", "gone"), clock.nowMs());
    });
    const observer = new Collected();
    await drive(target, plan(50), { clock, maxConcurrent: 2, signal: controller.signal, observer });
    expect(target.sent).toEqual([1, 2]);
    expect(observer.records.map((record) => record.status)).toEqual(["cancelled", "cancelled"]);
  });

  it("tells what it sees while it goes on", async () => {
    let tokens = 0;
    const ended: number[] = [];
    const observer = {
      tokens: (count: number) => {
        tokens += count;
      },
      ended: (record: { seq: number }) => ended.push(record.seq),
    };
    await drive(new FakeTarget(twoTokens), plan(3), { clock, maxConcurrent: 1, signal: never, observer });
    expect(tokens).toBe(6);
    expect(ended).toEqual([1, 2, 3]);
  });
});

import { describe, expect, it } from "vitest";
import { SluiceError } from "../errors.js";
import { Admission } from "./admission.js";

function retryAfterS(admission: Admission, nowMs: number): number | undefined {
  try {
    admission.check([1], nowMs);
    return undefined;
  } catch (error) {
    return (error as SluiceError).retryAfterS;
  }
}

describe("admission", () => {
  it("says how long half of the queue takes to drain, and puts refused clients in a line", () => {
    const queue = { waiting: 40, waitingTokens: 400 };
    const admission = new Admission(queue, { maxNumQueuedReqs: 40, maxNumQueuedTokens: Number.POSITIVE_INFINITY });
    for (let i = 0; i <= 10; i++) admission.started(i * 500);
    // 11 starts in 5 s: 2.2 a second. Half of 40 takes 9.1 s, and every further client 0.45 s more.
    expect(admission.drainRatePerSec(5000)).toBeCloseTo(2.2);
    expect(retryAfterS(admission, 5000)).toBe(10);
    for (let i = 0; i < 10; i++) retryAfterS(admission, 5000);
    expect(retryAfterS(admission, 5000)).toBe(15);
    queue.waiting = 20;
    expect(retryAfterS(admission, 5000)).toBeUndefined();
  });

  it("says a second when nothing has drained yet, and never more than five minutes", () => {
    const queue = { waiting: 1, waitingTokens: 1 };
    const admission = new Admission(queue, { maxNumQueuedReqs: 1, maxNumQueuedTokens: 1 });
    expect(retryAfterS(admission, 0)).toBe(1);
    queue.waiting = 1_000_000;
    admission.started(0);
    expect(retryAfterS(admission, 9000)).toBe(300);
  });

  it("forgets starts that are long ago", () => {
    const admission = new Admission({ waiting: 0, waitingTokens: 0 }, { maxNumQueuedReqs: 1, maxNumQueuedTokens: 1 });
    admission.started(0);
    expect(admission.drainRatePerSec(60_000)).toBe(0);
  });

  it("refuses everything while draining", () => {
    const admission = new Admission({ waiting: 0, waitingTokens: 0 }, { maxNumQueuedReqs: 9, maxNumQueuedTokens: 9 });
    admission.check([1], 0);
    admission.drain();
    expect(() => admission.check([1], 0)).toThrow(SluiceError);
  });
});

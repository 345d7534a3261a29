import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock.js";
import { recordOf } from "./results.fixture.js";
import { isOverSaturated } from "./saturation.js";

/** One server that takes `serviceMs` a request, and a request every `everyMs`. */
function openLoop(count: number, everyMs: number, serviceMs: (index: number) => number) {
  const clock = new VirtualClock();
  return Array.from({ length: count }, (_, i) => {
    const atMs = i * everyMs;
    clock.advanceTo(Math.max(clock.nowMs(), atMs) + serviceMs(i));
    const endedMs = clock.nowMs();
    return recordOf({
      seq: i + 1,
      intendedMs: atMs,
      dispatchedMs: atMs,
      firstTokenMs: endedMs - 1,
      lastTokenMs: endedMs,
      endedMs,
    });
  });
}

describe("over-saturation", () => {
  it("is seen where a server cannot follow", () => {
    expect(isOverSaturated(openLoop(200, 10, () => 12))).toBe(true);
  });

  it("is not claimed of a busy server that follows, or of too few requests", () => {
    expect(isOverSaturated(openLoop(200, 10, (i) => 9 + (i % 3)))).toBe(false);
    expect(isOverSaturated(openLoop(200, 10, (i) => (i % 20 === 0 ? 60 : 6)))).toBe(false);
    expect(isOverSaturated(openLoop(20, 10, () => 30))).toBe(false);
  });

  it("is not a queue that a burst left and that was worked off", () => {
    expect(isOverSaturated(openLoop(200, 10, (i) => (i < 100 ? 14 : 4)))).toBe(false);
  });
});

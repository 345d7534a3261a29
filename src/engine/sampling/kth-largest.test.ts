import fc from "fast-check";
import { expect, it } from "vitest";
import { kthLargest } from "./kth-largest.js";

/** Few different values, so that equals are common. */
const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true }));

it("finds the k-th largest, as sorting does", () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.nat(), (list, at) => {
      const k = (at % list.length) + 1;
      const sorted = Float32Array.from(list).sort().reverse();
      // `+ 0` because quickselect and sorting order 0 and −0 differently.
      expect(kthLargest(Float32Array.from(list), k) + 0).toBe(sorted[k - 1]! + 0);
    }),
    { numRuns: 500 },
  );
});

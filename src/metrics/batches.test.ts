import { describe, expect, it } from "vitest";
import { batchEfficiency, meanBatchSize } from "./batches.js";

describe("batches", () => {
  it("have a mean size, of all or of those since an earlier time", () => {
    expect(meanBatchSize([0, 1, 0, 0, 2])).toBe(3);
    expect(meanBatchSize([0, 5, 5], [0, 5, 1])).toBe(2);
    expect(meanBatchSize([])).toBeNull();
    expect(meanBatchSize([0, 5], [0, 5])).toBeNull();
  });

  it("waste what they pad", () => {
    expect(batchEfficiency({ rows: 200, paddingTokens: 50 })).toBe(0.75);
    expect(batchEfficiency({ rows: 0, paddingTokens: 0 })).toBeNull();
  });
});

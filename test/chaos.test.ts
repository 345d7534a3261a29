import { describe, expect, it } from "vitest";
import { failed } from "../benchmarks/chaos/kind.js";
import { bursts } from "../benchmarks/chaos/kinds/bursts.js";
import { keys } from "../benchmarks/chaos/kinds/keys.js";
import { markers } from "../benchmarks/chaos/kinds/markers.js";
import { pipelined } from "../benchmarks/chaos/kinds/pipelined.js";
import { rows } from "../benchmarks/chaos/kinds/rows.js";
import { schemas } from "../benchmarks/chaos/kinds/schemas.js";

describe("under chaos (a small measure of npm run chaos)", () => {
  it.each([schemas, rows, keys, pipelined, markers, bursts])(
    "$name: nothing is lost, wrong or hung",
    async (kind) => {
      const tally = await kind.run(0.01);
      expect(failed(tally), JSON.stringify(tally)).toBe(false);
      expect(tally.sent).toBeGreaterThan(0);
    },
    120_000,
  );
});

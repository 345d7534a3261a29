import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { wholeNumber } from "../values.js";
import { allowLoadAxes, type LoadAxisFlags, sweepLoads } from "./load-axes.js";
import { addWorkloadOptions } from "./workload.js";

function parse(words: readonly string[]): LoadAxisFlags {
  const command = new Command().exitOverride();
  addWorkloadOptions(command.option("--concurrency <n>", "", wholeNumber("--concurrency", 1)));
  return allowLoadAxes(command).parse(words, { from: "user" }).opts<LoadAxisFlags>();
}

describe("load flags of a sweep", () => {
  it("take several values, lengths with their commas as one", () => {
    expect(parse(["--concurrency", "1", "4,16", "--output-lengths", "lognormal:60,0.8", "fixed:8"])).toMatchObject({
      concurrency: [1, 4, 16],
      outputLengths: ["lognormal:60,0.8", "fixed:8"],
    });
    expect(() => parse(["--concurrency", "1", "0"])).toThrow(/--concurrency must be a whole number of at least 1/);
  });

  it("make a load of every combination, placed on the axes that have several values", () => {
    const loads = sweepLoads(parse(["--concurrency", "2", "4", "--max-tokens", "7"]), 8);
    expect(loads.map(({ axes, maxConcurrent, workload }) => [axes, maxConcurrent, workload.maxTokens])).toEqual([
      [{ concurrency: 2 }, 2, 7],
      [{ concurrency: 4 }, 4, 7],
    ]);
  });

  it("are one load without a place where none has several, closed as by default", () => {
    const [load, ...more] = sweepLoads(parse([]), 8);
    expect(more).toEqual([]);
    expect(load).toMatchObject({ axes: {}, maxConcurrent: 8 });
  });

  it("leave an open loop without a limit", () => {
    const loads = sweepLoads(parse(["--rate", "1", "2"]), 8);
    expect(loads.map((load) => [load.maxConcurrent, load.workload.arrivals?.ratePerSec])).toEqual([
      [Number.POSITIVE_INFINITY, 1],
      [Number.POSITIVE_INFINITY, 2],
    ]);
  });
});

import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { cpuQuota } from "./cpu-quota.js";
import { threadCount } from "./thread-pool.js";

it("takes one thread per core, shares the cores out among processes, and leaves a given number alone", () => {
  const cores = Math.floor(Math.max(1, Math.min(availableParallelism(), cpuQuota())));
  expect(threadCount(0)).toBe(cores);
  expect(threadCount(0, cores)).toBe(1);
  expect(threadCount(0, 2 * cores)).toBe(1);
  expect(threadCount(3, 2)).toBe(3);
  expect([threadCount(0, 1, 0.5), threadCount(0, 1, 1.5), threadCount(0, 2, 5)]).toEqual([1, 1, 2]);
});

import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { threadCount } from "./thread-pool.js";

it("takes one thread per core, shares the cores out among processes, and leaves a given number alone", () => {
  const cores = availableParallelism();
  expect(threadCount(0)).toBe(cores);
  expect(threadCount(0, cores)).toBe(1);
  expect(threadCount(0, 2 * cores)).toBe(1);
  expect(threadCount(3, 2)).toBe(3);
});

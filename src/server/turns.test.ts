import { afterEach, expect, it, vi } from "vitest";
import { Turns } from "./turns.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("gives the loop a round after every slice of work, and serves first come, first served", async () => {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  let rounds = 0;
  let watching = true;
  const watch = () => {
    rounds += 1;
    if (watching) setImmediate(watch);
  };
  watch();
  const turns = new Turns();
  const done: { job: number; round: number }[] = [];
  const work = async (job: number) => {
    await turns.next();
    nowMs += 5;
    done.push({ job, round: rounds });
  };
  await Promise.all(Array.from({ length: 10 }, (_, job) => work(job)));
  watching = false;
  expect(done.map(({ job }) => job)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // Slices are of 8 ms: two jobs of 5 ms fit in before the third sees that time is up.
  const perRound = new Map<number, number>();
  for (const { round } of done) perRound.set(round, (perRound.get(round) ?? 0) + 1);
  expect([...perRound.values()]).toEqual([2, 2, 2, 2, 2]);
});

it("makes nobody wait for more than a round when there is time", async () => {
  const turns = new Turns();
  const order: string[] = [];
  setImmediate(() => setImmediate(() => order.push("next round")));
  await turns.next();
  order.push("turn");
  await turns.next();
  expect(order[0]).toBe("turn");
});

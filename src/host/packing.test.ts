import { expect, it } from "vitest";
import type { SchedulerEvent } from "../scheduler/events.js";
import { packEvents, unpackEvents } from "./packing.js";

const token = (id: string, nowMs: number): SchedulerEvent => ({
  type: "tokens",
  id,
  nowMs,
  tokens: [7],
  text: ` of ${id}`,
  logprobs: [],
});
const logprobs = [{ token: 7, text: "x", bytes: [120], logprob: -1, top: [] }];
const started: SchedulerEvent = { type: "started", id: "c", nowMs: 1, slot: 2, batch: 1, batchSize: 3 };
const many: SchedulerEvent = { type: "tokens", id: "b", nowMs: 2, tokens: [1, 2], text: "two", logprobs: [] };
const EVENTS: SchedulerEvent[] = [
  started,
  token("a", 2),
  token("b", 2),
  { ...token("c", 2), logprobs } as SchedulerEvent,
  token("d", 2),
  many,
  token("a", 3),
  token("a", 4),
];

it("gives back the same events in the same order", () => {
  const back: SchedulerEvent[] = [];
  unpackEvents(structuredClone(packEvents(EVENTS)), (event) => back.push(event));
  expect(back).toEqual(EVENTS);
});

it("puts a step's plain tokens into runs and leaves what is not one token of one time as it is", () => {
  const shapes = packEvents(EVENTS).map((event) => ("type" in event ? event.type : event));
  expect(shapes).toEqual([
    "started",
    [2, "a", 7, " of a", "b", 7, " of b"],
    "tokens",
    [2, "d", 7, " of d"],
    "tokens",
    [3, "a", 7, " of a"],
    [4, "a", 7, " of a"],
  ]);
});

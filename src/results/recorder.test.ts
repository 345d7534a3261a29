import { expect, it } from "vitest";
import { RunRecorder } from "./recorder.js";
import { recordOf } from "./results.fixture.js";
import { summarize } from "./summary.js";

const records = Array.from({ length: 1000 }, (_, i) =>
  recordOf({ seq: i + 1, id: `r${i + 1}`, lastTokenMs: 30 + i, endedMs: 30 + i }),
);

function recorded(limits: { requests: number; characters: number }): RunRecorder {
  const recorder = new RunRecorder(limits, []);
  // They end in another order than they were sent in.
  for (const record of [...records].reverse()) recorder.add(record);
  return recorder;
}

it("keeps every request of an ordinary run, in order", () => {
  expect(recorded({ requests: 1000, characters: 1e6 }).kept()).toEqual({ requests: records, requestsEvery: 1 });
});

it.each([
  { requests: 100, characters: 1e6 },
  { requests: 1000, characters: 3400 },
])("keeps an even sample of a long one, and counts all: %j", (limits) => {
  const recorder = recorded(limits);
  const { requests, requestsEvery } = recorder.kept();
  expect(requestsEvery).toBeGreaterThan(1);
  expect(requests.length).toBeLessThanOrEqual(limits.requests);
  expect(requests.length).toBeGreaterThan(50);
  expect(requests.map((record) => record.seq)).toEqual(requests.map((_, i) => 1 + i * requestsEvery));
  expect(recorder.summary(null)).toEqual(summarize(records, { counters: null, objectives: [] }));
});

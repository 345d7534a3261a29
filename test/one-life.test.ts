/** One recorded stream of events through everyone who makes figures of it: all must tell the same story. */
import { describe, expect, it } from "vitest";
import { Collector } from "../src/host/collector.js";
import { resultsOf, runOf } from "../src/results/results.fixture.js";
import { seriesOf } from "../src/results/series.js";
import { METRICS } from "../src/results/series-metrics.js";
import { mergedValue } from "../src/results/statistics.js";
import { summarize } from "../src/results/summary.js";
import type { SchedulerEvent } from "../src/scheduler/events.js";
import type { FinishReason, Request } from "../src/scheduler/request.js";
import { RecordDraft } from "../src/targets/draft.js";
import { FakeHost } from "./server/fake-host.js";
import { type Fixture, fixture, nextTurn } from "./server/fixture.js";

const SENT_MS = 100;

/** In milliseconds; null: the request has none. */
interface Story {
  readonly queue: number;
  readonly ttft: number;
  readonly latency: number;
  readonly tpot: number | null;
  readonly itl: readonly number[];
}

/** An event without its id. */
type Told = SchedulerEvent extends infer Event ? (Event extends unknown ? Omit<Event, "id"> : never) : never;

const started = (nowMs: number, slot = 0): Told => ({ type: "started", nowMs, slot, batch: 1, batchSize: 1 });
const preempted = (nowMs: number): Told => ({ type: "preempted", nowMs });
const tokens = (nowMs: number, text: string, count = 1): Told => ({
  type: "tokens",
  nowMs,
  tokens: Array<number>(count).fill(7),
  text,
  logprobs: [],
});
const finished = (nowMs: number, completionTokens: number, reason: FinishReason = "length"): Told => ({
  type: "finished",
  nowMs,
  reason,
  promptTokens: 3,
  completionTokens,
  reusedTokens: 0,
  paddingTokens: 0,
  preemptions: 0,
});

const RECORDED: readonly { readonly what: string; readonly told: readonly Told[]; readonly story: Story }[] = [
  {
    what: "three tokens with text",
    told: [started(110), tokens(150, "a"), tokens(160, "b"), tokens(180, "c"), finished(180, 3)],
    story: { queue: 10, ttft: 50, latency: 80, tpot: 15, itl: [10, 20] },
  },
  {
    what: "characters of two tokens: their first halves show nothing",
    told: [started(110), tokens(150, ""), tokens(160, "é"), tokens(170, ""), tokens(190, "ü"), finished(190, 4)],
    story: { queue: 10, ttft: 60, latency: 90, tpot: 10, itl: [30] },
  },
  {
    what: "text that was held back to the end, since it began like a stop string",
    told: [started(110), tokens(150, ""), tokens(160, ""), tokens(180, "end"), finished(180, 3)],
    story: { queue: 10, ttft: 80, latency: 80, tpot: null, itl: [] },
  },
  {
    what: "no text at all: what came is seen at the end",
    told: [started(110), tokens(150, ""), tokens(165, ""), finished(165, 2, "stop")],
    story: { queue: 10, ttft: 65, latency: 65, tpot: null, itl: [] },
  },
  {
    what: "a last token without text",
    told: [started(110), tokens(150, "a"), tokens(160, "b"), tokens(170, ""), finished(170, 3, "stop")],
    story: { queue: 10, ttft: 50, latency: 70, tpot: 10, itl: [10] },
  },
  {
    what: "everything at the end of the batch",
    told: [started(110), tokens(200, "abc", 3), finished(200, 3)],
    story: { queue: 10, ttft: 100, latency: 100, tpot: null, itl: [] },
  },
  {
    what: "a preemption after the first token",
    told: [started(110), tokens(150, "a"), preempted(155), started(200, 1), tokens(230, "b"), finished(230, 2)],
    story: { queue: 10, ttft: 50, latency: 130, tpot: 80, itl: [80] },
  },
];

function eventsOf(told: readonly Told[], id: string): SchedulerEvent[] {
  return told.map((event) => ({ ...event, id }));
}

/** Plays a recording to whoever submits. */
class ReplayHost extends FakeHost {
  constructor(private readonly told: readonly Told[]) {
    super();
  }

  override submit(request: Request, listener: (event: SchedulerEvent) => void): void {
    for (const event of eventsOf(this.told, request.id)) listener(event);
  }
}

async function served(told: readonly Told[]): Promise<{ app: Fixture; answer: Record<string, number> }> {
  const app = fixture({}, new ReplayHost(told));
  app.clock.advanceTo(SENT_MS);
  const answer = await app.http.inject({ method: "POST", url: "/generate", payload: { prompt: "abc" } });
  return { app, answer: answer.json() };
}

function recorded(told: readonly Told[]) {
  const draft = new RecordDraft({ seq: 1, prompt: "abc", maxTokens: 4, atMs: undefined }, 0);
  draft.dispatched(SENT_MS, SENT_MS);
  for (const event of eventsOf(told, draft.id)) draft.take(event, event.nowMs);
  return draft.toRecord();
}

const inMs = (seconds: number | undefined) => Math.round((seconds ?? Number.NaN) * 1e6) / 1e3;

describe.each(RECORDED)("$what", ({ told, story }) => {
  const { queue, ttft, latency, tpot, itl } = story;

  it("the library", () => {
    const collector = new Collector(SENT_MS);
    for (const event of eventsOf(told, "r")) collector.take(event);
    expect(collector.completion).toMatchObject({ queueMs: queue, ttftMs: ttft, latencyMs: latency });
  });

  it("/generate", async () => {
    const { answer } = await served(told);
    const figures = [answer.queue_s, answer.ttft_s, answer.latency_s].map(inMs);
    expect(figures).toEqual([queue, ttft, latency]);
  });

  it("Prometheus", async () => {
    const { app } = await served(told);
    const page = (await app.http.inject("/metrics")).body;
    const samples = (name: string) => {
      const of = (suffix: string) => Number(new RegExp(`^sluice:${name}_${suffix}{.*} (.+)$`, "m").exec(page)?.[1]);
      return { count: of("count"), sumMs: inMs(of("sum")) };
    };
    const once = (sumMs: number | null) => (sumMs === null ? { count: 0, sumMs: 0 } : { count: 1, sumMs });
    expect(samples("request_queue_time_seconds")).toEqual(once(queue));
    expect(samples("time_to_first_token_seconds")).toEqual(once(ttft));
    expect(samples("e2e_request_latency_seconds")).toEqual(once(latency));
    expect(samples("request_time_per_output_token_seconds")).toEqual(once(tpot));
    expect(samples("request_inference_time_seconds")).toEqual(once(latency - queue));
    expect(samples("request_prefill_time_seconds")).toEqual(once(ttft - queue));
    expect(samples("request_decode_time_seconds")).toEqual(once(latency - ttft));
    const gaps = { count: itl.length, sumMs: itl.reduce((sum, gapMs) => sum + gapMs, 0) };
    expect(samples("inter_token_latency_seconds")).toEqual(gaps);
  });

  it("the dashboard", async () => {
    const { app } = await served(told);
    await nextTurn();
    await app.context.monitor.tick();
    const { history, bars } = app.context.monitor.backlog();
    expect(history[0]).toMatchObject({ ttftMs: [ttft, ttft, ttft], latencyMs: [latency, latency, latency] });
    const [, , arrivalMs, startedMs, firstMs] = bars[0]!;
    expect([startedMs - arrivalMs, firstMs - arrivalMs]).toEqual([queue, ttft]);
  });

  it("the bench", () => {
    const record = recorded(told);
    expect(record.gapsMs).toEqual(itl);
    const summary = summarize([record], { counters: null, objectives: [] });
    const figures = [summary.queueMs, summary.ttftMs, summary.latencyMs, summary.tpotMs].map((one) => one?.p50 ?? null);
    expect(figures).toEqual([queue, ttft, latency, tpot]);
    expect(summary.itlMs?.count ?? 0).toBe(itl.length);
  });

  it("the report", () => {
    const record = recorded(told);
    const run = runOf({ requests: [record], summary: summarize([record], { counters: null, objectives: [] }) });
    const [series] = seriesOf(resultsOf({ runs: [run] }));
    const figure = (id: string) => {
      const metric = METRICS.find((one) => one.id === id)!;
      return mergedValue(series!.runs.map(metric.values), metric.statistic) ?? null;
    };
    expect(["queue_p50", "ttft_p50", "p50", "tpot_p50"].map(figure)).toEqual([queue, ttft, latency, tpot]);
  });
});

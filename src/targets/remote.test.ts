import { describe, expect, it } from "vitest";
import { AnswerReader } from "../client/answer.js";
import type { RemoteClient } from "../client/client.js";
import { parseEndpoint } from "../client/endpoint.js";
import { DONE, delta, usage } from "../client/liars.fixture.js";
import { VirtualClock } from "../clock.js";
import { tpotMs, ttftMs } from "../metrics/request.js";
import type { RequestRecord } from "../results/schema.js";
import { RecordDraft } from "./draft.js";
import { RemoteTarget } from "./remote.js";

const FIRST_MS = 100;
const GAP_MS = 20;

/** A record of a chat whose frames come 20 ms apart, the first after 100 ms. */
async function recordOf(frames: readonly string[]): Promise<RequestRecord> {
  const clock = new VirtualClock();
  const client: Pick<RemoteClient, "endpoint" | "send"> = {
    endpoint: parseEndpoint("http://h/v1/chat/completions", "--url"),
    async send(request, listener) {
      const answer = new AnswerReader("chat", request, listener);
      answer.head({ status: 200, headers: new Map([["content-type", "text/event-stream"]]) });
      for (const [index, frame] of [...frames, DONE].entries()) {
        clock.advanceTo(FIRST_MS + index * GAP_MS);
        answer.body(Buffer.from(frame));
      }
      return answer.finish();
    },
  };
  const sampling = { temperature: 0, topK: 0, topP: 1, ignoreEos: true };
  const target = new RemoteTarget(client as RemoteClient, clock, sampling, 1);
  const draft = new RecordDraft({ seq: 1, prompt: "Hi", maxTokens: 64, atMs: undefined }, 0);
  draft.dispatched(0, 0);
  await target.send(draft, new AbortController().signal);
  return draft.toRecord();
}

const repeated = (count: number, fields: object): string[] => Array.from({ length: count }, () => delta(fields));

describe("a remote target", () => {
  it.each([
    ["reasoning_content", { reasoning_content: "hm " }],
    ["reasoning", { reasoning: "hm " }],
    ["tool_calls", { tool_calls: [{ index: 0, function: { arguments: "hm " } }] }],
  ])("counts %s as output: 20 of it and 10 words, 20 ms apart, are 20 ms a token", async (_, fields) => {
    const record = await recordOf([...repeated(20, fields), ...repeated(10, { content: "word " }), usage(30)]);
    expect(record).toMatchObject({ status: "ok", outputTokens: 30, tokenCountSource: "usage" });
    expect(ttftMs(record)).toBe(FIRST_MS);
    expect(tpotMs(record)).toBe(GAP_MS);
    expect(record.gapsMs).toEqual(Array.from({ length: 29 }, () => GAP_MS));
  });

  it("counts by itself, and says so, where the server's count cannot be true", async () => {
    const words = repeated(10, { content: "word " });
    expect(await recordOf([...words, usage(9e15)])).toMatchObject({
      outputTokens: 10,
      tokenCountSource: "contradicted",
    });
    expect(await recordOf([...words, usage(10, 9e15)])).toMatchObject({
      inputTokens: 1,
      tokenCountSource: "contradicted",
    });
    expect(await recordOf(words)).toMatchObject({ outputTokens: 10, tokenCountSource: "counted" });
  });
});

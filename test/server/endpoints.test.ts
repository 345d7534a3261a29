import { describe, expect, it } from "vitest";
import { matches } from "../../src/text/grammar/matches.fixture.js";
import { FakeHost } from "./fake-host.js";
import { fixture, frames, post } from "./fixture.js";

describe("POST /v1/completions", () => {
  it("returns text, reason and token counts", async () => {
    const app = fixture();
    const answer = await post(app, "/v1/completions", { prompt: "hello", max_tokens: 3, seed: 0 });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      object: "text_completion",
      model: "fake",
      choices: [{ index: 0, text: "bcd", logprobs: null, finish_reason: "length" }],
      usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
    });
  });

  it("gives n answers per prompt with seeds counted up, and counts each prompt once", async () => {
    const app = fixture();
    const body = { prompt: ["ab", "xyz"], n: 2, max_tokens: 2, seed: 5 };
    const answer = (await post(app, "/v1/completions", body)).json();
    expect(answer.choices.map((choice: { text: string }) => choice.text)).toEqual(["gh", "hi", "gh", "hi"]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 8 });
    expect(app.host.submitted.map((request) => request.sampling.seed)).toEqual([5, 6, 5, 6]);
  });

  it("streams a frame per step, then the reason, the usage and [DONE]", async () => {
    const app = fixture();
    const body = { prompt: "a", max_tokens: 2, seed: 0, stream: true, stream_options: { include_usage: true } };
    const answer = await post(app, "/v1/completions", body);
    expect(answer.headers["content-type"]).toContain("text/event-stream");
    const { data, done } = frames(answer.body);
    expect(done).toBe(true);
    expect(data.map((chunk) => chunk.choices[0]?.text)).toEqual(["b", "c", "", undefined]);
    expect(data[2].choices[0].finish_reason).toBe("length");
    expect(data[0].usage).toBeNull();
    expect(data[3].usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 2 });
  });

  it("streams the same text as it returns at once, echo included", async () => {
    for (const echo of [true, false]) {
      const body = { prompt: [[97], [104, 105]], n: 2, max_tokens: 4, seed: 3, echo };
      const whole = (await post(fixture(), "/v1/completions", body)).json();
      const { data } = frames((await post(fixture(), "/v1/completions", { ...body, stream: true })).body);
      const texts = ["", "", "", ""];
      for (const chunk of data) texts[chunk.choices[0].index] += chunk.choices[0].text;
      expect(texts).toEqual(whole.choices.map((choice: { text: string }) => choice.text));
      expect(texts[2]!.startsWith("hi")).toBe(echo);
    }
  });

  it("returns log-probabilities in OpenAI's shape, streamed or not", async () => {
    const body = { prompt: "a", max_tokens: 2, seed: 0, logprobs: 2 };
    const whole = (await post(fixture(), "/v1/completions", body)).json();
    expect(whole.choices[0].logprobs).toEqual({
      tokens: ["b", "c"],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [
        { b: -0.5, c: -0.5 },
        { c: -0.5, d: -0.5 },
      ],
      text_offset: [0, 1],
    });
    const { data } = frames((await post(fixture(), "/v1/completions", { ...body, stream: true })).body);
    expect(data.slice(0, 2).flatMap((chunk) => chunk.choices[0].logprobs.text_offset)).toEqual([0, 1]);
  });

  it("returns the drawn token's log-probability where no others are asked for", async () => {
    const body = { prompt: "a", max_tokens: 2, seed: 0, logprobs: 0 };
    const expected = [{ b: -0.5 }, { c: -0.5 }];
    const whole = (await post(fixture(), "/v1/completions", body)).json();
    expect(whole.choices[0].logprobs.top_logprobs).toEqual(expected);
    const { data } = frames((await post(fixture(), "/v1/completions", { ...body, stream: true })).body);
    expect(data.slice(0, 2).flatMap((chunk) => chunk.choices[0].logprobs.top_logprobs)).toEqual(expected);
  });

  it("hands every sampling field to the scheduler", async () => {
    const app = fixture();
    await post(app, "/v1/completions", {
      prompt: "a",
      max_tokens: 9,
      temperature: 0.1,
      top_p: 0.2,
      top_k: -1,
      min_p: 0.3,
      repetition_penalty: 1.5,
      presence_penalty: -1,
      frequency_penalty: 1,
      logit_bias: { 7: -100 },
      seed: 11,
      stop: "zz",
      stop_token_ids: [3],
      ignore_eos: true,
      min_tokens: 2,
      priority: -4,
      user: "ann",
      timeout: 2,
      deadline_ms: 5000,
      best_of: 1,
      suffix: null,
    });
    expect(app.host.submitted[0]).toMatchObject({
      maxTokens: 9,
      priority: -4,
      user: "ann",
      deadlineMs: 2000,
      sampling: {
        temperature: 0.1,
        topP: 0.2,
        topK: 0,
        minP: 0.3,
        repetitionPenalty: 1.5,
        presencePenalty: -1,
        frequencyPenalty: 1,
        logitBias: { 7: -100 },
        seed: 11,
        stop: ["zz"],
        stopTokenIds: [3],
        ignoreEos: true,
        minTokens: 2,
      },
    });
  });

  it("makes a grammar of a JSON schema", async () => {
    const app = fixture();
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const response_format = { type: "json_schema", json_schema: { name: "answer", schema } };
    await post(app, "/v1/completions", { prompt: "a", max_tokens: 1, response_format });
    const { grammar } = app.host.submitted[0]!.sampling;
    expect([matches(grammar!, `{"ok":true}`), matches(grammar!, `{"ok":1}`)]).toEqual([true, false]);
  });
});

describe("POST /v1/chat/completions", () => {
  const messages = [
    { role: "developer", content: "be brief" },
    { role: "user", content: [{ type: "text", text: "hi" }] },
  ];

  it("renders the model's own template", async () => {
    const app = fixture();
    const answer = (await post(app, "/v1/chat/completions", { messages, max_completion_tokens: 2, seed: 0 })).json();
    expect(app.host.detokenize(app.host.submitted[0]!.promptTokens)).toBe("[system]be brief[user]hi");
    expect(answer.choices[0]).toMatchObject({ message: { role: "assistant", content: "bc" }, finish_reason: "length" });
  });

  it("streams a role, the content and the reason", async () => {
    const body = { messages, max_tokens: 2, seed: 0, n: 2, stream: true };
    const { data, done } = frames((await post(fixture(), "/v1/chat/completions", body)).body);
    expect(done).toBe(true);
    const first = data.filter((chunk) => chunk.choices[0].index === 0).map((chunk) => chunk.choices[0]);
    expect(first.map((choice) => choice.delta)).toEqual([
      { role: "assistant", content: "" },
      { content: "b" },
      { content: "c" },
      {},
    ]);
    expect(first.at(-1).finish_reason).toBe("length");
  });

  it("returns log-probabilities in the chat shape", async () => {
    const body = { messages, max_tokens: 1, seed: 0, logprobs: true, top_logprobs: 1 };
    const answer = (await post(fixture(), "/v1/chat/completions", body)).json();
    const token = { token: "b", logprob: -0.5, bytes: [98] };
    expect(answer.choices[0].logprobs.content).toEqual([{ ...token, top_logprobs: [token] }]);
  });

  it("says so when the model has no template", async () => {
    const app = fixture({}, new FakeHost({ chatTemplate: undefined }));
    const answer = await post(app, "/v1/chat/completions", { messages });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ param: "messages", code: "invalid_request" });
  });
});

describe("the other endpoints", () => {
  it("/generate returns the scheduler's figures, streamed or not", async () => {
    const app = fixture();
    const whole = (await post(app, "/generate", { prompt: "abc", max_new_tokens: 2, seed: 0 })).json();
    expect(whole).toMatchObject({ text: "bc", prompt_tokens: 3, completion_tokens: 2, batch: 1, batch_size: 1 });
    expect(whole).toMatchObject({ queue_s: 0.01, ttft_s: 0.01, latency_s: 0.02, finish_reason: "length" });
    const { data, done } = frames(
      (await post(app, "/generate", { prompt: "abc", max_new_tokens: 2, stream: true })).body,
    );
    expect([data.length, data.at(-1).completion_tokens, done]).toEqual([3, 2, true]);
  });

  it("/correct asks the tutor in its own form and trims its answer", async () => {
    const app = fixture();
    const answer = await post(app, "/correct", { sentence: "he go home ", learner_id: "ann" });
    expect(app.host.submitted[0]).toMatchObject({ user: "ann", sampling: { temperature: 0 } });
    expect(app.host.submitted[0]?.promptTokens.at(-1)).toBe(256);
    expect(answer.json()).toMatchObject({ corrected: "he go home ", changed: false, learner_id: "ann" });
    expect(answer.json()).toMatchObject({ completion_tokens: expect.any(Number), batch: 1, batch_size: 1 });
  });

  it.each([
    ["это не английский", "English"],
    ["a".repeat(100), "too long"],
  ])("/correct returns %s unchanged and says why", async (sentence, why) => {
    const app = fixture();
    const answer = (await post(app, "/correct", { sentence })).json();
    expect(answer).toMatchObject({ corrected: sentence, changed: false });
    expect(answer.note).toContain(why);
    expect(app.host.submitted).toEqual([]);
  });

  it("/v1/models lists the served names", async () => {
    const app = fixture({ servedModelNames: ["small", "org/small"] });
    const list = (await app.http.inject("/v1/models")).json();
    expect(list.data.map((model: { id: string }) => model.id)).toEqual(["small", "org/small"]);
    expect((await app.http.inject("/v1/models/org/small")).json()).toMatchObject({ max_model_len: 128 });
    expect((await app.http.inject("/v1/models/other")).statusCode).toBe(404);
  });

  it("/tokenize and /detokenize are each other's inverse", async () => {
    const app = fixture();
    const tokens = (await post(app, "/tokenize", { prompt: "héllo", return_token_strs: true })).json();
    expect(tokens).toMatchObject({ count: 6, max_model_len: 128 });
    expect((await post(app, "/detokenize", { tokens: tokens.tokens })).json()).toEqual({ prompt: "héllo" });
    const marked = (await post(app, "/tokenize", { prompt: "<|fix|>", return_token_strs: true })).json();
    expect(marked.token_strs).toEqual(["<|fix|>"]);
    expect((await post(app, "/detokenize", { tokens: [97, ...marked.tokens] })).json()).toEqual({ prompt: "a<|fix|>" });
    const chat = (await post(app, "/tokenize", { messages: [{ role: "user", content: "x" }] })).json();
    expect(chat.count).toBe("[user]x".length);
  });
});

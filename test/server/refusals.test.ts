import { describe, expect, it } from "vitest";
import { FakeHost } from "./fake-host.js";
import { fixture, frames, nextTurn, post } from "./fixture.js";

const CHAT = "/v1/chat/completions";
const TEXT = "/v1/completions";
const hi = [{ role: "user", content: "hi" }];

/** [endpoint, body, status, code, param] */
const INVALID: readonly [string, unknown, number, string, string | null][] = [
  [TEXT, {}, 400, "invalid_request", "prompt"],
  [TEXT, { prompt: "" }, 400, "invalid_request", "prompt"],
  [TEXT, { prompt: [] }, 400, "invalid_request", "prompt"],
  [TEXT, { prompt: [[]] }, 400, "invalid_request", "prompt.0"],
  [TEXT, { prompt: 7 }, 400, "invalid_request", "prompt"],
  [TEXT, { prompt: [9999] }, 400, "invalid_request", "prompt"],
  [TEXT, { prompt: "x".repeat(128) }, 400, "context_length_exceeded", "prompt"],
  [TEXT, { prompt: "x".repeat(100_000) }, 400, "context_length_exceeded", "prompt"],
  [TEXT, { prompt: "a", max_tokens: 128 }, 400, "context_length_exceeded", "max_tokens"],
  [TEXT, { prompt: "a", max_tokens: 0 }, 400, "invalid_request", "max_tokens"],
  [TEXT, { prompt: "a", max_tokens: -1 }, 400, "invalid_request", "max_tokens"],
  [TEXT, { prompt: "a", max_tokens: 1e300 }, 400, "invalid_request", "max_tokens"],
  [TEXT, { prompt: "a", max_tokens: "8" }, 400, "invalid_request", "max_tokens"],
  [TEXT, { prompt: "a", max_tokens: 1.5 }, 400, "invalid_request", "max_tokens"],
  [TEXT, { prompt: "a", min_tokens: 9, max_tokens: 8 }, 400, "invalid_request", "min_tokens"],
  [TEXT, { prompt: "a", temperature: -1 }, 400, "invalid_request", "temperature"],
  [TEXT, { prompt: "a", top_p: 0 }, 400, "invalid_request", "top_p"],
  [TEXT, { prompt: "a", n: 129 }, 400, "invalid_request", "n"],
  [TEXT, { prompt: "a", stop: [""] }, 400, "invalid_request", "stop.0"],
  [TEXT, { prompt: "a", stop_token_ids: [300] }, 400, "invalid_request", "stop_token_ids"],
  [TEXT, { prompt: "a", logit_bias: { a: 1 } }, 400, "invalid_request", "logit_bias.a"],
  [TEXT, { prompt: "a", logit_bias: { 300: 1 } }, 400, "invalid_request", "logit_bias"],
  [TEXT, { prompt: "a", timeout: 0 }, 400, "invalid_request", "timeout"],
  [TEXT, { prompt: "a", stream: "yes" }, 400, "invalid_request", "stream"],
  [TEXT, { prompt: "a", stream_options: { x: 1 } }, 400, "invalid_request", "stream_options.x"],
  [TEXT, { prompt: "a", stream_options: { include_usage: true } }, 400, "invalid_request", "stream_options"],
  [CHAT, { messages: hi, stream: false, stream_options: {} }, 400, "invalid_request", "stream_options"],
  [TEXT, { prompt: "a", model: "gpt-9" }, 404, "model_not_found", "model"],
  [TEXT, { prompt: "a", best_of: 4 }, 400, "unsupported_field", "best_of"],
  [TEXT, { prompt: "a", suffix: "z" }, 400, "unsupported_field", "suffix"],
  [TEXT, { prompt: "a", echo: true, logprobs: 1 }, 400, "unsupported_field", "echo"],
  [TEXT, { prompt: "a", temprature: 1 }, 400, "invalid_request", "temprature"],
  [TEXT, { prompt: "a", response_format: { type: "xml" } }, 400, "invalid_request", "response_format.type"],
  [TEXT, [], 400, "invalid_request", null],
  [CHAT, { messages: [] }, 400, "invalid_request", "messages"],
  [CHAT, { messages: [{ role: "tool", content: "x" }] }, 400, "invalid_request", "messages.0.role"],
  [CHAT, { messages: [{ role: "user" }] }, 400, "invalid_request", "messages.0.content"],
  [
    CHAT,
    { messages: [{ role: "user", content: "x", tool_calls: [] }] },
    400,
    "invalid_request",
    "messages.0.tool_calls",
  ],
  [CHAT, { messages: hi, tools: [{ type: "function" }] }, 400, "unsupported_field", "tools"],
  [CHAT, { messages: hi, top_logprobs: 2 }, 400, "invalid_request", "top_logprobs"],
  [CHAT, { messages: hi, max_completion_tokens: 500 }, 400, "context_length_exceeded", "max_completion_tokens"],
  ["/generate", { prompt: "a", max_new_tokens: 0 }, 400, "invalid_request", "max_new_tokens"],
  ["/generate", { prompt: "a", max_tokens: 4 }, 400, "invalid_request", "max_tokens"],
  ["/correct", { sentence: "  " }, 400, "invalid_request", "sentence"],
  ["/correct", {}, 400, "invalid_request", "sentence"],
  ["/tokenize", { text: "a" }, 400, "invalid_request", "text"],
  ["/detokenize", { tokens: [-1] }, 400, "invalid_request", "tokens.0"],
];

describe("an invalid body", () => {
  const app = fixture();

  it.each(INVALID)("%s %j is refused with %i %s", async (url, body, status, code, param) => {
    const answer = await app.http.inject({ method: "POST", url, payload: body as object });
    expect(answer.statusCode).toBe(status);
    const { error } = answer.json();
    expect(error).toMatchObject({ type: "invalid_request_error", code, param });
    expect(error.message.length).toBeGreaterThan(10);
    expect(app.host.submitted).toEqual([]);
  });

  it("is refused in the right words when it is not JSON, not sent as JSON, or too large", async () => {
    const send = async (payload: string, type: string) => {
      const answer = await app.http.inject({ method: "POST", url: TEXT, payload, headers: { "content-type": type } });
      return [answer.statusCode, answer.json().error.code];
    };
    expect(await send("{", "application/json")).toEqual([400, "invalid_request"]);
    expect(await send("", "application/json")).toEqual([400, "invalid_request"]);
    expect(await send('{"__proto__":{}}', "application/json")).toEqual([400, "invalid_request"]);
    expect(await send("prompt=a", "application/x-www-form-urlencoded")).toEqual([415, "unsupported_media_type"]);
    expect(await send(`"${"x".repeat(1 << 20)}"`, "application/json")).toEqual([413, "payload_too_large"]);
  });

  it("says what is wrong with a path or a method", async () => {
    const missing = await app.http.inject("/v2/completions");
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, "not_found"]);
    const method = await app.http.inject({ method: "GET", url: TEXT });
    expect([method.statusCode, method.json().error.code, method.headers.allow]).toEqual([
      405,
      "method_not_allowed",
      "POST",
    ]);
  });
});

it("names every entry that is wrong in the same way", async () => {
  const app = fixture();
  const refuse = async (logit_bias: object) => {
    const answer = await app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "a", logit_bias } });
    expect(answer.statusCode).toBe(400);
    return answer.json().error.message;
  };
  expect(await refuse({ a: 1, 7: 1, "-1": 1 })).toBe("logit_bias.a, logit_bias.-1: must be a token id");
  expect(await refuse({ 7: 101, 8: 102 })).toMatch(/^logit_bias\.7, logit_bias\.8: /);
  expect(await refuse({ 300: 1, 7: 1, 301: 1 })).toBe("logit_bias: tokens 300, 301 are not of the vocabulary's 257.");
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`x${i}`, 1]));
  expect(await refuse(many)).toMatch(/logit_bias\.x9 and 2 more: must be a token id$/);
});

it("names response_format where the engine has no grammar", async () => {
  const app = fixture({}, new FakeHost({ grammar: false, model: "mock" }));
  const answer = await post(app, TEXT, { prompt: "a", response_format: { type: "json_object" } });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error).toMatchObject({ code: "unsupported_field", param: "response_format" });
  expect(app.host.submitted).toEqual([]);
});

describe("the bounded queue", () => {
  it("refuses past the bound with Retry-After, and takes requests again when there is room", async () => {
    const app = fixture({ maxNumQueuedReqs: 2 });
    const first = app.http.inject({ method: "POST", url: TEXT, payload: { prompt: ["a", "b"], max_tokens: 1 } });
    while (app.host.submitted.length < 2) await nextTurn();
    const refused = await app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "c" } });
    expect(refused.statusCode).toBe(503);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.json().error).toMatchObject({ type: "server_error", code: "queue_full" });
    app.host.run();
    expect((await first).statusCode).toBe(200);
    expect((await post(app, TEXT, { prompt: "c", max_tokens: 1 })).statusCode).toBe(200);
  });

  it("bounds waiting prompt tokens too, but an empty queue takes any prompt", async () => {
    const app = fixture({ maxNumQueuedTokens: 4 });
    const first = app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "abcdef", max_tokens: 1 } });
    while (app.host.submitted.length < 1) await nextTurn();
    expect((await app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "c" } })).statusCode).toBe(503);
    app.host.run();
    expect((await first).statusCode).toBe(200);
  });

  it("refuses more answers than it could ever hold as the client's error", async () => {
    const answer = await post(fixture({ maxNumQueuedReqs: 2 }), TEXT, { prompt: "a", n: 3 });
    expect([answer.statusCode, answer.json().error.param]).toEqual([400, "n"]);
  });
});

describe("failures after submission", () => {
  it.each([
    ["deadline_exceeded", 504],
    ["engine_failed", 500],
    ["queue_full", 503],
  ] as const)("%s becomes status %i, and the other answers of the call are cancelled", async (code, status) => {
    const app = fixture();
    const answer = app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "a", n: 2 } });
    while (app.host.submitted.length < 2) await nextTurn();
    app.host.fail(app.host.submitted[0]!.id, code);
    expect((await answer).statusCode).toBe(status);
    expect((await answer).json().error.code).toBe(code);
    expect(app.host.cancelled).toEqual([app.host.submitted[1]!.id]);
    expect(app.context.traffic.inFlight).toBe(0);
  });

  it("the engine's fault is in the log, the client's deadline is not", async () => {
    const app = fixture();
    for (const code of ["engine_failed", "deadline_exceeded"] as const) {
      const before = app.host.submitted.length;
      const answer = app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "a" } });
      while (app.host.submitted.length === before) await nextTurn();
      app.host.fail(app.host.submitted.at(-1)!.id, code);
      await answer;
    }
    expect(app.log.filter(({ level }) => level === 50)).toMatchObject([{ code: "engine_failed" }]);
  });

  it("a stream ends with an error event", async () => {
    const app = fixture();
    const answer = app.http.inject({ method: "POST", url: CHAT, payload: { messages: hi, stream: true } });
    while (app.host.submitted.length < 1) await nextTurn();
    app.host.step();
    app.host.fail(app.host.submitted[0]!.id, "deadline_exceeded");
    const { data, done } = frames((await answer).body);
    expect(data.at(-1).error).toMatchObject({ code: "deadline_exceeded", type: "server_error" });
    expect(done).toBe(true);
  });
});

describe("API keys", () => {
  it("guard what generates, and leave probes and the page open", async () => {
    const app = fixture({ apiKeys: ["one", "two"] });
    const status = async (headers: Record<string, string>) =>
      (await app.http.inject({ url: "/v1/models", headers })).statusCode;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: "Bearer three" })).toBe(401);
    expect(await status({ authorization: "Bearer two" })).toBe(200);
    expect(await status({ "x-api-key": "one" })).toBe(200);
    for (const url of ["/health", "/ready", "/metrics", "/openapi.json", "/"]) {
      expect((await app.http.inject(url)).statusCode).toBe(200);
    }
  });
});

describe("request ids and the log", () => {
  it("takes a client's id if it is harmless, and makes one otherwise", async () => {
    const app = fixture();
    const id = async (given: string) =>
      (await app.http.inject({ url: "/ready", headers: { "x-request-id": given } })).headers["x-request-id"];
    expect(await id("abc-1")).toBe("abc-1");
    expect(await id("a b")).toMatch(/^req-test-/);
  });

  it("logs a line per request without its prompt, unless told to", async () => {
    const quiet = fixture();
    await post(quiet, TEXT, { prompt: "secret words", max_tokens: 1 });
    expect(quiet.log.at(-1)).toMatchObject({ status: 200, url: TEXT, promptTokens: 12, completionTokens: 1 });
    expect(JSON.stringify(quiet.log)).not.toContain("secret");
    const loud = fixture({ logPrompts: true });
    await post(loud, TEXT, { prompt: "secret words", max_tokens: 1 });
    expect(loud.log.at(-1)).toMatchObject({ prompts: ["secret words"] });
  });
});

describe("draining", () => {
  it("answers what was accepted, refuses what comes, and is not ready", async () => {
    const app = fixture();
    const accepted = app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "a", max_tokens: 2 } });
    while (app.host.submitted.length < 1) await nextTurn();
    app.context.admission.drain();
    const refused = await app.http.inject({ method: "POST", url: TEXT, payload: { prompt: "b" } });
    expect([refused.statusCode, refused.json().error.code]).toEqual([503, "shutting_down"]);
    expect((await app.http.inject("/ready")).statusCode).toBe(503);
    app.host.run();
    expect((await accepted).statusCode).toBe(200);
  });
});

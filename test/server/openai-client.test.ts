/** The official client against a running server: what its users do must work as it does with OpenAI. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveServer, liveServer, until } from "./live.js";

let server: LiveServer;
let client: OpenAI;
const model = "standin:nano";
const messages = [{ role: "user" as const, content: "Tell me about rivers." }];

beforeAll(async () => {
  server = await liveServer({ apiKeys: ["secret"] });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "secret", maxRetries: 0 });
});

afterAll(async () => {
  await server.drain();
});

describe("the openai client", () => {
  it("lists the model", async () => {
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toEqual([model]);
  });

  it("completes, and repeats itself with the same seed, streamed or not", async () => {
    const body = { model, prompt: "Once upon a time", max_tokens: 12, seed: 7 };
    const whole = await client.completions.create(body);
    expect(whole.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 12 });
    expect(whole.choices[0]).toMatchObject({ finish_reason: "length", index: 0 });
    let streamed = "";
    for await (const chunk of await client.completions.create({ ...body, stream: true })) {
      streamed += chunk.choices[0]?.text ?? "";
    }
    expect(streamed).toBe(whole.choices[0]?.text);
    const other = await client.completions.create({ ...body, seed: 8 });
    expect(other.choices[0]?.text).not.toBe(streamed);
  });

  it("chats, with the whole answer and its usage in a stream", async () => {
    const body = { model, messages, max_tokens: 10, seed: 3 };
    const whole = await client.chat.completions.create(body);
    const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.usage?.completion_tokens).toBe(10);
    const next = [...messages, whole.choices[0]!.message, { role: "user" as const, content: "More." }];
    expect((await client.chat.completions.create({ ...body, messages: next })).choices).toHaveLength(1);
  });

  it("gives n answers that share the prompt's prefill", async () => {
    const prompt = "The quick brown fox jumps over the lazy dog and runs far away into the deep dark wood";
    const { choices, usage } = await client.completions.create({ model, prompt, n: 4, max_tokens: 6, seed: 1 });
    expect(new Set(choices.map(({ text }) => text)).size).toBe(4);
    const stats = await server.host.stats();
    expect(usage?.completion_tokens).toBe(24);
    expect(stats.counters.reusedTokens).toBeGreaterThan(usage!.prompt_tokens);
    const alone = await client.completions.create({ model, prompt, max_tokens: 6, seed: 3 });
    expect(alone.choices[0]?.text).toBe(choices[2]?.text);
  });

  it("stops at a stop string and leaves it out", async () => {
    const body = { model, prompt: "Once upon a time", max_tokens: 24, seed: 5 };
    const text = (await client.completions.create(body)).choices[0]!.text;
    const stop = text.slice(Math.floor(text.length / 2), Math.floor(text.length / 2) + 4);
    const { choices } = await client.completions.create({ ...body, stop });
    expect(choices[0]).toMatchObject({ finish_reason: "stop", text: text.slice(0, text.indexOf(stop)) });
  });

  it("returns log-probabilities that belong to the text", async () => {
    const body = { model, messages, max_tokens: 5, seed: 2, logprobs: true, top_logprobs: 3 };
    const choice = (await client.chat.completions.create(body)).choices[0]!;
    const content = choice.logprobs!.content!;
    expect(content).toHaveLength(5);
    expect(Buffer.from(content.flatMap(({ bytes }) => bytes ?? [])).toString()).toBe(choice.message.content);
    for (const { logprob, top_logprobs: top } of content) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top.map((entry) => entry.logprob)).toEqual(top.map((entry) => entry.logprob).toSorted((a, b) => b - a));
      expect(top).toHaveLength(3);
    }
  });

  it("answers in the form of a JSON schema", async () => {
    const schema = {
      type: "object",
      properties: {
        mood: { enum: ["glad", "sad"] },
        score: { type: "integer" },
        tags: { type: "array", items: { type: "boolean" }, maxItems: 3 },
      },
      required: ["mood", "score", "tags"],
      additionalProperties: false,
    };
    for (const seed of [1, 2, 3]) {
      const { choices } = await client.chat.completions.create({
        model,
        messages,
        max_tokens: 120,
        seed,
        response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } },
      });
      const answer = JSON.parse(choices[0]!.message.content!);
      expect(choices[0]!.finish_reason).toBe("stop");
      expect(Object.keys(answer)).toEqual(["mood", "score", "tags"]);
      expect(["glad", "sad"]).toContain(answer.mood);
    }
  });

  it("lets logit_bias and temperature 0 decide", async () => {
    const body = { model, prompt: "Once", max_tokens: 3, temperature: 0 };
    const first = await client.completions.create(body);
    expect((await client.completions.create({ ...body, seed: 99 })).choices[0]?.text).toBe(first.choices[0]?.text);
    const forced = await client.completions.create({ ...body, logit_bias: { 1000: 100 } });
    expect(forced.choices[0]?.text).not.toBe(first.choices[0]?.text);
  });

  it("frees the slot when a stream is aborted", async () => {
    const stream = await client.completions.create({ model, prompt: "Once", max_tokens: 900, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.text) break;
    }
    await until(async () => (await server.host.stats()).running === 0);
    await until(async () => server.app.context.traffic.inFlight === 0);
  });

  it("throws the errors that it throws for OpenAI", async () => {
    const wrong = client.completions.create({ model: "gpt-9", prompt: "a" });
    await expect(wrong).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    const long = client.completions.create({ model, prompt: "a ".repeat(3000) });
    await expect(long).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const late = client.completions.create({ model, prompt: "a", max_tokens: 900, timeout: 0.05 } as never);
    await expect(late).rejects.toMatchObject({ status: 504, code: "deadline_exceeded" });
  });

  it("throws in the middle of a stream when the deadline passes", async () => {
    const body = { model, prompt: "a", max_tokens: 900, stream: true, deadline_ms: 150 };
    const read = async () => {
      for await (const _ of (await client.completions.create(body as never)) as unknown as AsyncIterable<unknown>);
    };
    await expect(read()).rejects.toThrow(/deadline/);
  });
});

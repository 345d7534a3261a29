/** Every answer is as the OpenAPI page says. */
import { expect, it } from "vitest";
import { JSON_TYPE, SSE_TYPE } from "../../src/server/endpoints/endpoint.js";
import { ENDPOINTS } from "../../src/server/endpoints/registry.js";
import { FakeHost } from "./fake-host.js";
import { fixture, frames, post } from "./fixture.js";

const hi = [{ role: "user", content: "hi" }];

/** Bodies for every path, so chosen that all parts of its answer appear. */
const BODIES: Readonly<Record<string, readonly object[]>> = {
  "/v1/completions": [
    { prompt: "a" },
    { prompt: ["a", "b"], n: 2, logprobs: 2 },
    { prompt: [97] },
    { prompt: "a", echo: true },
  ],
  "/v1/chat/completions": [{ messages: hi }, { messages: hi, n: 2, logprobs: true, top_logprobs: 2 }],
  "/generate": [{ prompt: "a" }],
  "/correct": [{ sentence: "he go", learner_id: "x" }, { sentence: "—" }],
  "/tokenize": [{ prompt: "a" }, { messages: hi, return_token_strs: true }],
  "/detokenize": [{ tokens: [97] }],
};

function host(path: string): FakeHost {
  return new FakeHost(path === "/correct" ? { model: "tutor" } : {});
}

const posts = ENDPOINTS.filter(({ method }) => method === "POST");
const gets = ENDPOINTS.filter(({ method }) => method === "GET");

it.each(posts.map((endpoint) => [endpoint.path, endpoint] as const))("POST %s", async (path, { answers }) => {
  for (const body of BODIES[path] ?? [{}]) {
    const answer = await post(fixture({}, host(path)), path, body);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    answers[JSON_TYPE]!.parse(answer.json());
    const frame = answers[SSE_TYPE];
    if (frame === undefined) continue;
    const counted = path.startsWith("/v1") ? { stream_options: { include_usage: true } } : {};
    const stream = await post(fixture({}, host(path)), path, { ...body, stream: true, ...counted });
    const { data, done } = frames(stream.body);
    expect([data.length > 1, done]).toEqual([true, true]);
    for (const payload of data) frame.parse(payload);
  }
});

it.each(gets.map((endpoint) => [endpoint.path, endpoint] as const))("GET %s", async (path, { answers }) => {
  const answer = await fixture().http.inject(path.replace("*", "fake"));
  expect(answer.statusCode).toBe(200);
  const schema = answers[JSON_TYPE];
  if (schema === undefined) expect(answer.headers["content-type"]).toContain(Object.keys(answers)[0]);
  else schema.parse(answer.json());
});

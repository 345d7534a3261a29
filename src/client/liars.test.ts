import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Told } from "./answer.js";
import { RemoteClient } from "./client.js";
import { parseEndpoint } from "./endpoint.js";
import * as liar from "./liars.fixture.js";
import {
  chunk,
  chunkedHead,
  DONE,
  delta,
  events,
  raw,
  rawThenEnd,
  SSE_TYPE,
  text,
  usage,
  whole,
} from "./liars.fixture.js";

const MAX_TOKENS = 4;
const REQUEST = {
  prompt: "Hi",
  maxTokens: MAX_TOKENS,
  temperature: 0,
  topK: 0,
  topP: 1,
  seed: 1,
  ignoreEos: true,
  stream: true,
};
const OK_JSON =
  '{"choices":[{"text":"AB","finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}';
const OK_EVENTS = [text("A"), text("B", "length"), usage(2), DONE];
const HEAD = "HTTP/1.1 200 OK\r\n";

/** Answers that look well and are not: what the client says of each. */
const LIES: Readonly<Record<string, readonly [liar.Behaviour, RegExp]>> = {
  "a redirect": [whole("", "location: /elsewhere", "302 Found"), /answered 302: it points to \/elsewhere/],
  "no content": [raw("HTTP/1.1 204 No Content\r\n\r\n"), /answered 204: without a word/],
  created: [whole(OK_JSON, liar.JSON_TYPE, "201 Created"), /answered 201/],
  "an empty object": [whole("{}"), /answered 200 without any output/],
  "an empty body": [whole(""), /is no JSON object/],
  "a list": [whole("[1]"), /is no JSON object/],
  "no choices": [whole('{"choices":[]}'), /without any output/],
  "a choice of nothing": [whole('{"choices":[{}]}'), /without any output/],
  "an error in a 200": [whole('{"error":{"message":"out of memory"}}'), /answered 200 with an error: out of memory/],
  "vLLM's error in a 200": [whole('{"object":"error","message":"too long"}'), /answered 200 with an error: too long/],
  "a page": [whole("<html>login</html>", "content-type: text/html"), /answered with text\/html, which is neither/],
  "JSON that says it is text": [whole(OK_JSON, "content-type: text/plain"), /answered with text\/plain/],
  "events that say they are JSON": [whole(OK_EVENTS.join("")), /is no JSON object/],
  "JSON that says it is events": [whole(OK_JSON, SSE_TYPE), /ended its stream in the middle/],
  "garbage behind the JSON": [whole(`${OK_JSON}garbage`), /is no JSON object/],
  "a compressed answer": [
    whole(gzipSync(OK_JSON), `${liar.JSON_TYPE}\r\ncontent-encoding: gzip`),
    /sent its answer as gzip, although it was asked not to/,
  ],
  "a lone [DONE]": [events(DONE), /without any output/],
  "[DONE] after a role": [events(delta({ role: "assistant" }), DONE), /without any output/],
  "[DONE] after figures": [events(usage(4), DONE), /without any output/],
  "a stream without an end": [events(text("A"), text("B")), /ended its stream in the middle/],
  "a stream of comments": [events(": ping\n\n", ": ping\n\n"), /ended its stream in the middle/],
  "an error event": [
    events(text("A"), 'event: error\ndata: {"message":"lost the GPU"}\n\n'),
    /broke off: lost the GPU/,
  ],
  "an error in the stream": [events(text("A"), 'data: {"error":"lost it"}\n\n', DONE), /broke off: lost it/],
  "an end that is none": [events(text("A"), text("", "abort"), DONE), /gives "abort" as the reason/],
  "no JSON in the stream": [events("data: <html>\n\n"), /is no JSON object: <html>/],
  "a chunked body cut off": [
    rawThenEnd(`${chunkedHead()}${chunk(text("A"))}ff\r\ndata:`),
    /before its answer was complete/,
  ],
  "chunks without their end": [rawThenEnd(`${chunkedHead()}${chunk(text("A"))}`), /before its answer was complete/],
  "a body shorter than its length": [
    rawThenEnd(`${HEAD}${liar.JSON_TYPE}\r\ncontent-length: 9\r\n\r\n{}`),
    /before its answer/,
  ],
  "a reset": [liar.rawThenReset(`${chunkedHead()}${chunk(text("A"))}`), /connection to .* broke|before its answer/],
  "a closed connection": [rawThenEnd(""), /before its answer was complete/],
  "a close-delimited stream cut off": [
    rawThenEnd(`HTTP/1.0 200 OK\r\n${SSE_TYPE}\r\n\r\n${text("A")}`),
    /in the middle/,
  ],
  "a chunk size that is none": [raw(`${chunkedHead()}xyz\r\n`), /no HTTP: a chunk of size "xyz"/],
  "a negative chunk size": [raw(`${chunkedHead()}-5\r\n`), /no HTTP: a chunk of size "-5"/],
  "an endless chunk size": [raw(`${chunkedHead()}${"f".repeat(30)}\r\n`), /no HTTP: a chunk of size "ffff/],
  "a chunk longer than its size": [raw(`${chunkedHead()}1\r\nabc\r\n`), /no HTTP: a chunk that is longer/],
  "a length that is none": [raw(`${HEAD}content-length: -1\r\n\r\n`), /no HTTP: a body of length "-1"/],
  "two lengths": [raw(`${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`), /no HTTP: a body of length "2, 3"/],
  "another protocol": [raw("SSH-2.0-OpenSSH_9.6\r\n"), /no HTTP: the line "SSH-2.0/],
  "an upgrade": [raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"), /answered 101/],
  "a header that is none": [raw(`${HEAD}no colon\r\n\r\n`), /no HTTP: the header "no colon"/],
  "a huge header": [raw(`${HEAD}x: ${"x".repeat(200_000)}`), /no HTTP: a line of more than 65536 bytes/],
  "headers without end": [liar.endless(HEAD, "x-padding: yes\r\n"), /no HTTP: a head of more than 65536 bytes/],
  "informational answers without end": [
    liar.endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"),
    /no HTTP: a head of more/,
  ],
  "an endless body": [liar.endless(`${HEAD}${liar.JSON_TYPE}\r\n\r\n`, "x".repeat(65_536)), /sent more than \d+ bytes/],
  "an endless error": [liar.endless("HTTP/1.1 500 No\r\n\r\n", "x".repeat(65_536)), /answered 500: xxx/],
  "an endless line": [
    liar.endless(`${HEAD}${SSE_TYPE}\r\n\r\ndata: `, "x".repeat(65_536)),
    /sent an event of more than 1 MiB/,
  ],
  "endless data lines": [
    liar.endless(`${HEAD}${SSE_TYPE}\r\n\r\n`, "data: x\n".repeat(1000)),
    /an event of more than 1 MiB/,
  ],
  "endless comments": [liar.endless(`${HEAD}${SSE_TYPE}\r\n\r\n`, ": x\n".repeat(1000)), /sent more than \d+ bytes/],
  "an endless stream": [liar.endless(chunkedHead(), chunk(text("A"))), /went on past max_tokens: 81 pieces/],
  silence: [() => {}, /sent nothing for 0.2 s: it has stalled/],
  "silence after a token": [raw(`${chunkedHead()}${chunk(text("A"))}`), /sent nothing for 0.2 s: it has stalled/],
  "headers that drip": [liar.drip(HEAD, "x-padding: yes\r\n"), /took more than 0.5 s to answer/],
  "comments that drip": [liar.drip(`${HEAD}${SSE_TYPE}\r\n\r\n`, ": ping\n\n"), /took more than 0.5 s to answer/],
};

const bytes = (of: string): string[] => [...Buffer.from(of).toString("latin1")];

/** Answers that look odd and are well: the output and the tokens that count. */
const HONEST: Readonly<Record<string, readonly [liar.Behaviour, string, number | undefined]>> = {
  "a whole answer": [whole(OK_JSON), "AB", 2],
  "a stream": [events(...OK_EVENTS), "AB", 2],
  "an answer without a content type": [whole(OK_JSON, "x: y"), "AB", 2],
  "a type with parameters": [whole(OK_JSON, "Content-Type: Application/JSON; charset=utf-8"), "AB", 2],
  "a byte order mark in JSON": [whole(`\uFEFF${OK_JSON}`), "AB", 2],
  "a byte order mark in a stream": [events(`\uFEFF${text("A", "length")}`, usage(1), DONE), "A", 1],
  CRLF: [events(...OK_EVENTS.map((frame) => frame.replaceAll("\n", "\r\n"))), "AB", 2],
  CR: [events(...OK_EVENTS.map((frame) => frame.replaceAll("\n", "\r"))), "AB", 2],
  "data over several lines": [
    events('data: {"choices":\ndata: [{"text":"A","finish_reason":"length"}]}\n\n', usage(1), DONE),
    "A",
    1,
  ],
  "comments, pings and empty data": [
    events(": hi\n\n", "event: ping\ndata: {}\n\n", "data:\n\n", ...OK_EVENTS),
    "AB",
    2,
  ],
  "a stream without [DONE]": [events(text("A"), text("", "stop")), "A", undefined],
  "a stream without a finish reason": [events(text("A"), DONE), "A", undefined],
  "a last event that is not closed": [events(text("A"), text("B", "stop").trimEnd()), "AB", undefined],
  "an end before any text": [events(text("", "stop"), usage(0), DONE), "", 0],
  "a body until the connection ends": [
    rawThenEnd(`HTTP/1.0 200 OK\r\n${SSE_TYPE}\r\n\r\n${OK_EVENTS.join("")}`),
    "AB",
    2,
  ],
  "early hints": [
    raw(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${HEAD}content-length: ${OK_JSON.length}\r\n\r\n${OK_JSON}`),
    "AB",
    2,
  ],
  "odd chunk sizes": [raw(`${chunkedHead()}${oddChunk(OK_EVENTS.join(""))}000;last\r\ntrailer: x\r\n\r\n`), "AB", 2],
  "a byte a chunk": [raw(`${chunkedHead()}${bytes(OK_EVENTS.join("")).map(chunk).join("")}0\r\n\r\n`), "AB", 2],
  "[DONE] and no end": [raw(`${chunkedHead()}${OK_EVENTS.map(chunk).join("")}`), "AB", 2],
  "a stream that goes on after [DONE]": [
    liar.endless(`${chunkedHead()}${OK_EVENTS.map(chunk).join("")}`, chunk(": x\n\n")),
    "AB",
    2,
  ],
  thoughts: [
    events(delta({ reasoning_content: "Hm" }), delta({ reasoning: "so" }), delta({ content: "A" }), usage(3), DONE),
    "HmsoA",
    3,
  ],
  "a thought under both names": [
    events(delta({ reasoning: "Hm", reasoning_content: "Hm" }), delta({ content: "A" }), DONE),
    "HmA",
    undefined,
  ],
  "a call of a tool": [
    events(
      delta({ tool_calls: [{ index: 0, function: { name: "add", arguments: "" } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] }),
      'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n',
      usage(3),
      DONE,
    ),
    "add{}",
    3,
  ],
};

function oddChunk(body: string): string {
  return `000${body.length.toString(16).toUpperCase()};name="value"\r\n${body}\r\n`;
}

/** Figures for a stream of the texts A and B that cannot be true. */
const FIGURES: Readonly<Record<string, unknown>> = {
  "9e15": "9000000000000000",
  "-4": "-4",
  "a fraction": "2.5",
  "a word": '"2"',
  "1e400": "1e400",
  "far more than max_tokens": "400",
  "more than came": String(2 * MAX_TOKENS + 8 + 1),
  none: "0",
};

let server: liar.LiarsServer;
beforeAll(async () => {
  const behaviours = Object.entries({ ...LIES, ...HONEST }).map(([name, [behaviour]]) => [name, behaviour] as const);
  const figures = Object.entries(FIGURES).map(
    ([name, value]) => [`figure ${name}`, events(text("A"), text("B", "length"), usage(value), DONE)] as const,
  );
  server = await liar.startLiars(Object.fromEntries([...behaviours, ...figures]));
});
afterAll(() => server.close());

interface Outcome {
  readonly output: string;
  readonly told: Told | undefined;
  readonly error: unknown;
}

async function ask(name: string): Promise<Outcome> {
  const path = name === "a call of a tool" || name.includes("thought") ? "chat/completions" : "completions";
  const endpoint = parseEndpoint(`${server.url}/${encodeURIComponent(name)}/v1/${path}`, "--url");
  const limits = {
    stallTimeoutMs: name.includes("silence") ? 200 : 10_000,
    requestTimeoutMs: name.includes("drip") ? 500 : 20_000,
  };
  const client = new RemoteClient(endpoint, { apiKey: undefined, model: "liar", ...limits });
  let output = "";
  const listener = {
    status: () => {},
    piece: (piece: { text: string }) => {
      output += piece.text;
    },
  };
  try {
    const told = await client.send(REQUEST, listener, new AbortController().signal);
    return { output, told, error: undefined };
  } catch (error) {
    return { output, told: undefined, error };
  } finally {
    client.close();
  }
}

describe("the client believes no", () => {
  it.concurrent.each(Object.entries(LIES))("%s", async (name, [, message]) => {
    const { error } = await ask(name);
    expect(error).toMatchObject({ code: "target_failed", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain("http://127.0.0.1:");
  });
});

describe("the client takes", () => {
  it.concurrent.each(Object.entries(HONEST))("%s", async (name, [, output, tokens]) => {
    const outcome = await ask(name);
    expect(outcome.error).toBeUndefined();
    expect(outcome.output).toBe(output);
    expect(outcome.told).toMatchObject({ completionTokens: tokens, contradicted: false });
  });
});

describe("the client counts by itself where the server says", () => {
  it.concurrent.each(Object.keys(FIGURES))("%s", async (name) => {
    const outcome = await ask(`figure ${name}`);
    expect(outcome).toMatchObject({ error: undefined, output: "AB" });
    expect(outcome.told).toMatchObject({ completionTokens: undefined, contradicted: true });
  });
});

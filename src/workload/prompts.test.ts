import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonEntries } from "./json-text.js";
import { loadPrompts } from "./prompts.js";
import { tableRows } from "./table-text.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-prompts-"));
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const ignore = () => {};
const texts = (path: string) => loadPrompts(path, ignore).map((prompt) => prompt.text);
const lengths = (path: string) => loadPrompts(path, ignore).map((prompt) => prompt.outputTokens);
const lines = (...values: unknown[]) => `${values.map((value) => JSON.stringify(value)).join("\n")}\n`;

describe("prompts come from", () => {
  it("a text, a prompt a line", () => {
    expect(texts(file("a.txt", "one\n\n two \r\nthree"))).toEqual(["one", " two ", "three"]);
    expect(texts(file("b.txt", "Say a, b and c.\nprompts; and more"))).toEqual([
      "Say a, b and c.",
      "prompts; and more",
    ]);
    expect(texts(file("c.txt", "[INST] Hi [/INST]\n{oops"))).toEqual(["[INST] Hi [/INST]", "{oops"]);
  });

  it("JSON lists and JSON lines, whatever the file is called", () => {
    expect(texts(file("a.json", '["one", {"prompt": "two"}]'))).toEqual(["one", "two"]);
    expect(texts(file("a.jsonl", '{"text": "one"}\n\n"two"\n'))).toEqual(["one", "two"]);
    for (const name of ["lines.ndjson", "lines.json", "lines.txt", "lines"]) {
      expect(texts(file(name, lines({ prompt: "First" }, { prompt: "Second" })))).toEqual(["First", "Second"]);
    }
    for (const name of ["list.txt", "list"])
      expect(texts(file(name, '[\n "one",\n {"text": "two"}\n]'))).toEqual(["one", "two"]);
  });

  it("tables: quoted cells, other delimiters, a name of any case", () => {
    const csv = 'id,prompt,output_tokens\n1,"Say ""hi"",\nthen stop.",10\n2,Zwei Wörter,20\n';
    for (const name of ["p.csv", "p.txt"]) {
      expect(loadPrompts(file(name, csv), ignore)).toEqual([
        { text: 'Say "hi",\nthen stop.', outputTokens: 10 },
        { text: "Zwei Wörter", outputTokens: 20 },
      ]);
    }
    expect(texts(file("semi.csv", "Question;Answer\r\nWho?;me\r\nWhy?;\r\n"))).toEqual(["Who?", "Why?"]);
    expect(texts(file("tab.tsv", "n\tText\n1\tone\n"))).toEqual(["one"]);
    expect(texts(file("bare.csv", 'one\n"two, and more"\n'))).toEqual(["one", "two, and more"]);
  });

  it("chats, OpenAI batches, Alpaca and ShareGPT", () => {
    const messages = [
      { role: "system", content: "Be short." },
      { role: "user", content: [{ type: "text", text: "Tell me of rain." }] },
      { role: "assistant", content: "It falls." },
    ];
    expect(loadPrompts(file("chat.jsonl", lines({ messages })), ignore)).toEqual([
      { text: "Be short.\n\nTell me of rain.", outputTokens: 3 },
    ]);
    const body = { model: "m", messages: [{ role: "user", content: "Hello world!" }], max_tokens: 100 };
    const batch = { custom_id: "r-1", method: "POST", url: "/v1/chat/completions", body };
    expect(loadPrompts(file("batch.jsonl", lines(batch)), ignore)).toEqual([
      { text: "Hello world!", outputTokens: 100 },
    ]);
    const alpaca = { instruction: "Translate.", input: "Hund", output: "The dog" };
    expect(loadPrompts(file("alpaca.json", JSON.stringify([alpaca])), ignore)).toEqual([
      { text: "Translate.\n\nHund", outputTokens: 2 },
    ]);
    expect(texts(file("cell.csv", `messages\n"${JSON.stringify(messages).replaceAll('"', '""')}"\n`))).toHaveLength(1);
  });

  it("conversations as published: empty ones are left out and counted, the human's turn is the prompt", () => {
    const human = { from: "human", value: "Hi" };
    const gpt = { from: "gpt", value: "Hello you" };
    const notes: string[] = [];
    const conversations = [[human, gpt], [], [gpt, human], [{ from: "system", value: "Be kind." }, human, gpt], [gpt]];
    const path = file("share.json", JSON.stringify(conversations.map((turns) => ({ conversations: turns }))));
    expect(loadPrompts(path, (text) => notes.push(text))).toEqual([
      { text: "Hi", outputTokens: 3 },
      { text: "Hi", outputTokens: undefined },
      { text: "Hi", outputTokens: 3 },
    ]);
    expect(notes).toEqual([`${path}: 2 of 5 entries have no prompt and are left out`]);
  });

  it("gzip, UTF-16 and files with a byte order mark", () => {
    expect(texts(file("z.jsonl.gz", gzipSync(lines({ prompt: "packed" }))))).toEqual(["packed"]);
    const utf16 = Buffer.from("\uFEFFZwei Wörter\r\nund mehr", "utf16le");
    for (const bytes of [
      utf16,
      Buffer.from(utf16).swap16(),
      utf16.subarray(2),
      Buffer.from("\uFEFFZwei Wörter\nund mehr"),
    ]) {
      expect(texts(file("wide.txt", bytes))).toEqual(["Zwei Wörter", "und mehr"]);
    }
  });

  it("entries that say how long their outputs are", () => {
    const stated = [{ output_tokens: 5 }, { output_tokens_count: "6" }, { max_tokens: 7 }, { max_tokens: null }, {}];
    const path = file("stated.jsonl", lines(...stated.map((fields) => ({ prompt: "x", ...fields }))));
    expect(lengths(path)).toEqual([5, 6, 7, undefined, undefined]);
    expect(() => loadPrompts(file("wrong.jsonl", lines({ prompt: "x", max_tokens: "many" })), ignore)).toThrow(
      /wrong\.jsonl:1: max_tokens must be a whole number of at least 1, got "many"/,
    );
  });
});

describe("prompts are refused", () => {
  it("with file and line", () => {
    const refused: [string, string | Buffer, RegExp][] = [
      ["b.jsonl", '"one"\n{"prompt": 7}', /b\.jsonl:2: must be a non-empty string/],
      ["c.jsonl", '"one"\n{oops', /c\.jsonl:2: not JSON/],
      ["b.json", '[\n"one",\noops]', /b\.json:3: not JSON/],
      ["c.json", '["one", ""]', /c\.json:1: must be a non-empty string/],
      ["half.json", '["one",\n"two"', /half\.json:2: not JSON: the text ends/],
      ["more.json", '["one"]\n["two"]', /more\.json:2: not JSON: there is more/],
      ["text.json", "hello", /text\.json:1: the text must be one JSON list/],
      ["d.txt", "\n \n", /holds no prompts/],
      ["empty.json", "[ ]", /holds no prompts/],
      ["e.csv", "a,b\n1,2", /e\.csv:1: no column is called prompt.*there are a, b/],
      [
        "latin.txt",
        Buffer.from([0x6f, 0x6b, 0x0a, 0x63, 0xe9]),
        /latin\.txt:2: not UTF-8 text; save the file as UTF-8/,
      ],
      ["latin.json", Buffer.from([0x5b, 0x22, 0xe9, 0x22, 0x5d]), /latin\.json:1: not UTF-8/],
      ["latin.jsonl", Buffer.from([0x22, 0xe9, 0x22]), /latin\.jsonl:1: not UTF-8/],
    ];
    for (const [name, content, message] of refused)
      expect(() => loadPrompts(file(name, content), ignore)).toThrow(message);
    expect(() => loadPrompts(join(folder, "none.txt"), ignore)).toThrow(
      /cannot read .*none\.txt: there is no such file/,
    );
  });
});

describe("texts are read in pieces", () => {
  const cut = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));

  it("a JSON list gives the same entries however it is cut and laid out", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), fc.nat(3), (list, size, indent) => {
        const chunks = cut(JSON.stringify(list, undefined, indent), size);
        const entries = [...jsonEntries(chunks, "f")].map(({ value }) => value);
        expect(entries).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  it("a table gives the same cells however it is cut", () => {
    const cell = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 9 }), (rows, size) => {
        const text = rows
          .map((cells) => cells.map((value) => `"${value.replaceAll('"', '""')}"`).join(","))
          .join("\r\n");
        expect([...tableRows(cut(text, size), ",")].map(({ value }) => value)).toEqual(rows);
      }),
    );
  });
});

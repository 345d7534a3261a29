import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadTrace } from "./traces.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-traces-"));
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const ignore = () => {};
const AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens";
/** Time, prompt and output of every entry of an Azure table with these rows. */
const azure = (...rows: string[]) =>
  loadTrace(file("azure.csv", [AZURE, ...rows].join("\n")), ignore).map(({ atMs, inputTokens, outputTokens }) => [
    atMs,
    inputTokens,
    outputTokens,
  ]);

describe("traces", () => {
  it("are read as published", () => {
    expect(azure("2023-11-16 18:15:46.6805900,374,44\r", "2023-11-16 18:15:47.9305900,10,5")).toEqual([
      [0, 374, 44],
      [1250, 10, 5],
    ]);
    const azure2024 = azure("2024-05-10 00:00:00.009930+00:00,2162,5", "2024-05-10 00:00:01+00:00,9,6");
    expect(azure2024[1]?.[0]).toBeCloseTo(990.07);
    const multimodal = "TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n2024-10-15 00:00:00.18,1,1200,40\n";
    expect(loadTrace(file("lmm.csv", multimodal), ignore)).toEqual([
      { atMs: 0, inputTokens: 1200, outputTokens: 40, blocks: [] },
    ]);
    const notes: string[] = [];
    const burst = file(
      "burst.csv",
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n45,GPT-4,7,0,7,API log\n118,GPT-4,4,2,6,API log\n5,ChatGPT,472,18,490,Conversation log\n",
    );
    expect(loadTrace(burst, (text) => notes.push(text)).map((entry) => [entry.atMs, entry.inputTokens])).toEqual([
      [0, 472],
      [113_000, 4],
    ]);
    expect(notes).toEqual([`${burst}: 1 of 3 rows have no answer and are left out`]);
    const vidur = "arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,8,9\n2.0,7,6\n";
    expect(loadTrace(file("vidur.csv", vidur), ignore).map(({ atMs }) => atMs)).toEqual([0, 500]);
  });

  it("from Mooncake have blocks, or the text itself", () => {
    const moon = '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}';
    expect(loadTrace(file("moon.jsonl", moon), ignore)).toEqual([
      { atMs: 0, inputTokens: 6955, outputTokens: 52, blocks: [46, 47] },
    ]);
    const chat = '{"timestamp": 5, "output_length": 9, "messages": [{"role": "user", "content": "Hi"}]}';
    expect(loadTrace(file("chat.jsonl", chat), ignore)).toMatchObject([{ text: "Hi", outputTokens: 9 }]);
  });

  it("are read as spreadsheets and pandas save them again", () => {
    const saved = [
      '"TIMESTAMP","ContextTokens","GeneratedTokens"\n"2023-11-16 18:15:46.68","374","44"\n"2023-11-16 18:15:47.68","396","109"\n',
      "timestamp;context_tokens;generated_tokens\r\n16/11/2023 18:15:46;374;44\r\n16/11/2023 18:15:47;396;109\r\n",
      ",TIMESTAMP,ContextTokens,GeneratedTokens\n0,1700158546.68,374.0,44\n1,1700158547.68,396.0,109\n2,1700158548,NaN,NaN\n",
      "TIMESTAMP,ContextTokens,GeneratedTokens\n11/16/2023 6:15:46 PM,374,44\n11/16/2023 6:15:47 PM,396,109\n",
      "Timestamp\tInput tokens\tOutput tokens\n1700158546680\t374\t44\n1700158547680\t396\t109\n",
    ];
    for (const text of saved) {
      const entries = loadTrace(file("saved.csv", text), ignore);
      expect(entries.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])).toEqual([
        [374, 44],
        [396, 109],
      ]);
      expect(entries[1]?.atMs).toBeCloseTo(1000, 3);
    }
  });

  it("take a date's order from the whole file", () => {
    const day = 86_400_000;
    expect(azure("01/02/2024 00:00,1,1", "13/02/2024 00:00,1,1").map(([atMs]) => atMs)).toEqual([0, 12 * day]);
    expect(azure("01/02/2024 00:00,1,1", "01/13/2024 00:00,1,1").map(([atMs]) => atMs)).toEqual([0, 11 * day]);
    expect(() => azure("13/02/2024 00:00,1,1", "01/13/2024 00:00,1,1")).toThrow(/some dates begin with the day/);
  });

  it("are refused with file and line", () => {
    const refused: [string, string, RegExp][] = [
      [
        "bad.csv",
        `${AZURE}\n2023-11-16 18:15:46,374,44\n2023-11-16 18:15:47,many,5\n`,
        /bad\.csv:3: .*prompt tokens must be a whole number of at least 0, got "many"/,
      ],
      ["date.csv", `${AZURE}\nyesterday,1,1`, /date\.csv:2: timestamp must be a time, got "yesterday"/],
      ["day.csv", `${AZURE}\n2023-02-30 00:00:00,1,1`, /day\.csv:2: timestamp must be a time/],
      ["huge.csv", `${AZURE}\n1,90000000,1`, /huge\.csv:2: .*more than any context holds \(16777216\), got "90000000"/],
      [
        "moon.jsonl",
        '{"timestamp": 1, "input_length": -4, "output_length": 5}',
        /moon\.jsonl:1: input_length must be a whole number of at least 0, got -4/,
      ],
      [
        "column.csv",
        "Timestamp,Request tokens\n1,2",
        /no column of output tokens \(generatedtokens, .*\); there are Timestamp, Request tokens/,
      ],
      ["list.json", "[]", /has no times/],
      ["other.csv", "a,b\n1,2", /other\.csv:1: this is no trace/],
      ["empty.csv", `${AZURE}\n`, /no requests/],
    ];
    for (const [name, content, message] of refused)
      expect(() => loadTrace(file(name, content), ignore)).toThrow(message);
  });
});

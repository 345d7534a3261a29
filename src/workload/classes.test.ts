import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { drawClass, parsePriorities, parseUsers, type RequestClass, statedClass } from "./classes.js";
import { parseLengths } from "./lengths.js";
import { loadPrompts } from "./prompts.js";
import { loadTrace } from "./traces.js";

const NOTHING = { priorities: undefined, users: undefined, timeouts: undefined };

describe("classes", () => {
  it("are drawn by their shares, the same for the same seed", () => {
    const settings = { ...NOTHING, priorities: parsePriorities("0:0.2,1:0.8"), users: parseUsers("4") };
    const drawn = (seed: number): RequestClass[] => {
      const random = new Random(seed);
      return Array.from({ length: 4000 }, () => drawClass(settings, undefined, random));
    };
    const classes = drawn(1);
    const urgent = classes.filter(({ priority }) => priority === 0).length / classes.length;
    expect(urgent).toBeGreaterThan(0.17);
    expect(urgent).toBeLessThan(0.23);
    expect([...new Set(classes.map(({ user }) => user))].sort()).toEqual(["user-1", "user-2", "user-3", "user-4"]);
    expect(drawn(1)).toEqual(classes);
  });

  it("go by flags before the file, and by the file before nothing", () => {
    const stated = { priority: 3, user: "ann", timeoutMs: 50 };
    expect(drawClass(NOTHING, stated, new Random(1))).toEqual(stated);
    expect(drawClass(NOTHING, undefined, new Random(1))).toEqual({});
    const timeouts = parseLengths("fixed:900", "--deadline-ms");
    const flags = { priorities: parsePriorities("-1:1"), users: parseUsers("bob:1"), timeouts };
    expect(drawClass(flags, stated, new Random(1))).toEqual({ priority: -1, user: "bob", timeoutMs: 900 });
  });

  it.each(["", "0", "0:", "a:1", "0:0", "0:-1", "0:0.5;1:0.5", "1.5:1"])("refuse the priorities %j", (text) => {
    expect(() => parsePriorities(text)).toThrow(/--priorities: .* must be "0:0.2,1:0.8"/);
  });

  it.each(["", "0", "-1", "a", "a:0", "a:b"])("refuse the users %j", (text) => {
    expect(() => parseUsers(text)).toThrow(/--users: .* must be a number, or "heavy:0.7,light:0.3"/);
  });

  it("are stated by entries, and a wrong one is named", () => {
    expect(statedClass({ priority: "2", user: "ann", deadline_ms: 10 }, "f:1")).toEqual({
      priority: 2,
      user: "ann",
      timeoutMs: 10,
    });
    expect(statedClass({ prompt: "hi", user: null }, "f:1")).toBeUndefined();
    expect(() => statedClass({ priority: "high" }, "f:1")).toThrow(/f:1: priority must be a whole number.*"high"/);
    expect(() => statedClass({ deadline_ms: 0 }, "f:1")).toThrow(/f:1: deadline_ms must be .* at least 1, got 0/);
  });
});

describe("files", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-classes-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it("of prompts say priority, user and deadline", () => {
    const prompts = loadPrompts(
      file("p.jsonl", '{"prompt":"a","priority":1,"user":"ann"}\n{"prompt":"b"}\n'),
      () => {},
    );
    expect(prompts.map(({ stated }) => stated)).toEqual([{ priority: 1, user: "ann" }, undefined]);
    const table = loadPrompts(file("p.csv", "prompt,deadline_ms,priority\nhello,500,0\nworld,,\n"), () => {});
    expect(table.map(({ stated }) => stated)).toEqual([{ priority: 0, timeoutMs: 500 }, undefined]);
  });

  it("of traces do too", () => {
    const csv = "TIMESTAMP,ContextTokens,GeneratedTokens,Priority,User\n2023-11-16 18:15:46,10,5,2,ann\n";
    expect(loadTrace(file("t.csv", csv), () => {})[0]?.stated).toEqual({ priority: 2, user: "ann" });
    const mooncake = '{"timestamp":0,"input_length":4,"output_length":2,"hash_ids":[1],"deadline_ms":900}\n';
    expect(loadTrace(file("t.jsonl", mooncake), () => {})[0]?.stated).toEqual({ timeoutMs: 900 });
  });
});

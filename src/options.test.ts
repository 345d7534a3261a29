import { describe, expect, it } from "vitest";
import { ENGINE_OPTIONS } from "./host/settings.js";
import {
  batchLimit,
  checkOption,
  choice,
  count,
  countOrZero,
  defaultsOf,
  flag,
  flagWords,
  optionWith,
  readOption,
  resolveOptions,
  type SettingSpec,
  share,
  text,
  texts,
} from "./options.js";
import { SCHEDULER_OPTIONS } from "./scheduler/settings.js";
import { PROCESS_OPTIONS, SERVER_OPTIONS } from "./server/settings.js";

const KIB = { ...count(2048, 1024, 4096, "bytes"), flagUnit: 1024 };

describe("an option", () => {
  it.each([
    ["a number out of its range", count(8, 1, 256, ""), 0, "slots must be a whole number from 1 to 256, got 0"],
    ["half a number", count(8, 1, 256, ""), 1.5, "slots must be a whole number from 1 to 256, got 1.5"],
    ["a text for a number", count(8, 1, 256, ""), "8", 'slots must be a whole number from 1 to 256, got "8"'],
    ["no number", share(1, ""), Number.NaN, "slots must be a number from 0 to 1, got NaN"],
    [
      "less than the least, where 0 has a meaning",
      countOrZero("all", 4, 8, ""),
      3,
      "slots must be a whole number from 4 to 8, or 0 for all, got 3",
    ],
    ["a word for a switch", flag(true, ""), "yes", 'slots must be true or false, got "yes"'],
    [
      "an unknown word",
      choice("cpu", ["cpu", "cuda"], ""),
      "cud",
      'slots must be one of cpu, cuda, got "cud" (did you mean "cuda"?)',
    ],
    ["a blank text", text("a", ""), " ", 'slots must be a text that is not empty, got " "'],
    ["a blank among texts", texts(""), ["a", ""], "slots must be texts that are not empty, got a,"],
  ] as [string, SettingSpec, unknown, string][])("refuses %s", (_what, spec, value, message) => {
    expect(() => checkOption("slots", spec, value)).toThrow(message);
  });

  it("takes 0 where that has a meaning, and its default whatever the range", () => {
    expect(checkOption("threads", countOrZero("all", 1, 8, ""), 0)).toBe(0);
    expect(checkOption("most", count(Number.POSITIVE_INFINITY, 1, 9, ""), Number.POSITIVE_INFINITY)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it("is read from a word in the flag's units, and refused in them", () => {
    expect(readOption("--buffer", KIB, "4")).toBe(4096);
    expect(() => readOption("--buffer", KIB, "5")).toThrow('--buffer must be a whole number from 1 to 4, got "5"');
    expect(() => readOption("--buffer", KIB, "")).toThrow('--buffer must be a whole number from 1 to 4, got ""');
    expect(readOption("--mixed", flag(false, ""), "true")).toBe(true);
  });

  it("is found by its role, not by its name", () => {
    expect(optionWith("batch-limit", { first: count(1, 1, 2, ""), whatever: batchLimit(1, 2, "") })).toBe("whatever");
    expect(optionWith("batch-wait", { first: count(1, 1, 2, "") })).toBeUndefined();
  });
});

describe("options together", () => {
  const specs = { slots: count(8, 1, 256, ""), on: flag(true, ""), size: KIB };

  it("have their defaults, and name the owner only where the caller is another", () => {
    expect(resolveOptions(undefined, specs, { slots: 4, on: undefined })).toEqual({ slots: 4, on: true, size: 2048 });
    expect(() => resolveOptions(undefined, specs, { slots: 0 })).toThrow(/^slots must be/);
    expect(() => resolveOptions("static", specs, { slots: 0 })).toThrow(/^static: slots must be/);
    expect(() => resolveOptions(undefined, specs, { slot: 1 })).toThrow(
      /^there is no option slot \(did you mean "slots"\?\)/,
    );
  });

  it("become the words of a command line, defaults left out", () => {
    expect(flagWords(specs, { slots: 8, on: true, size: 2048 })).toEqual([]);
    expect(flagWords(specs, { slots: 2, on: false, size: 1024 })).toEqual(["--slots", "2", "--no-on", "--size", "1"]);
  });
});

describe.each([
  ["engine", ENGINE_OPTIONS],
  ["scheduler", SCHEDULER_OPTIONS],
  ["server", SERVER_OPTIONS],
  ["process", PROCESS_OPTIONS],
])("the settings of the %s", (_whose, specs) => {
  it("take their own defaults", () => {
    const given = Object.entries(defaultsOf(specs)).filter(([, value]) => value !== undefined);
    expect(resolveOptions(undefined, specs, Object.fromEntries(given))).toEqual(defaultsOf(specs));
  });

  it("say what they are for", () => {
    for (const spec of Object.values(specs)) expect(spec.help).not.toBe("");
  });
});

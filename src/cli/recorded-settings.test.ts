import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { shownSettings, shownWords } from "./recorded-settings.js";

describe("what a manifest shows", () => {
  it("is the command line without the API key", () => {
    expect(shownWords(["loadtest", "--api-key", "secret", "--total", "5"])).toEqual([
      "loadtest",
      "--api-key",
      "***",
      "--total",
      "5",
    ]);
    expect(shownWords(["loadtest", "--api-key=secret"])).toEqual(["loadtest", "--api-key=***"]);
  });

  it("is every setting over its default, without the API key", () => {
    const command = new Command().option("--api-key <key>").option("--runs <n>");
    command.parse(["--api-key", "secret", "--runs", "5"], { from: "user" });
    expect(shownSettings(command, { runs: 3, seed: 1 })).toEqual({ runs: "5", seed: 1 });
  });
});

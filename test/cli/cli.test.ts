import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { parseResults } from "../../src/results/schema.js";

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let folder = "";
beforeEach(async () => {
  // Commands run synchronously: between them the worker must answer vitest, or on a busy machine it counts as hung.
  await new Promise((resolve) => setImmediate(resolve));
  folder = mkdtempSync(join(tmpdir(), "sluice-cli-"));
});

function sluice(words: readonly string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH ?? "", HOME: folder, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const MOCK = ["bench", "--model", "mock", "--schedulers", "sequential", "static", "--sizes", "4", "--runs", "1"];

function resultsIn(path: string) {
  return parseResults(readFileSync(join(folder, path, "results.json"), "utf8"), path);
}

describe("bad input", () => {
  it.each([
    ["an unknown command", ["benhc"], /unknown command 'benhc' \(Did you mean bench\?\)/],
    ["an unknown flag", ["bench", "--szes", "4"], /unknown option '--szes' \(Did you mean --sizes\?\)/],
    ["an unknown scheduler", ["bench", "--schedulers", "contiuous"], /did you mean "continuous"/],
    ["an unknown model", ["bench", "--model", "standin:gpt3"], /did you mean "standin:gpt2"/],
    ["a size of 0", ["bench", "--sizes", "0"], /--sizes must be a whole number of at least 1, got "0"/],
    ["a size of −1", ["bench", "--sizes", "-1"], /--sizes must be a whole number of at least 1, got "-1"/],
    [
      "a batch that never fills",
      [...MOCK, "--schedulers", "naive:batchSize=16", "--max-concurrent", "10"],
      /batchSize 16 > 10 concurrent clients/,
    ],
    ["prompts that are not there", ["bench", "--prompts", "none.txt"], /cannot read none\.txt: there is no such file/],
    ["a rate without a value", ["bench", "--arrival", "poisson"], /--arrival poisson needs --rate/],
    [
      "a server that is not there",
      ["loadtest", "--url", "http://127.0.0.1:9"],
      /nothing listens at http:\/\/127\.0\.0\.1:9/,
    ],
    ["pairs beside axes", ["sweep", "--pairs", "1:0", "--max-batch", "4"], /--pairs cannot be combined/],
    [
      "a batch size of a server that runs already",
      ["sweep", "--url", "http://127.0.0.1:9", "--max-batch", "2", "4"],
      /--max-batch means nothing with --url: .* use --http/,
    ],
    [
      "a sweep of a server without an axis",
      ["sweep", "--url", "http://127.0.0.1:9"],
      /give several values to --concurrency, --rate or --max-tokens, or use loadtest/,
    ],
    ["--burstiness alone", ["bench", "--burstiness", "0.5"], /--burstiness would do nothing here: .* --arrival gamma/],
    ["--ramp-to alone", ["loadtest", "--ramp-to", "5"], /--ramp-to would do nothing here: it needs --arrival ramp/],
    ["--prefix-groups alone", ["bench", "--prefix-groups", "3"], /--prefix-groups would .* it needs --shared-prefix/],
    ["--time-scale alone", ["bench", "--time-scale", "2"], /--time-scale would .* it needs --arrival trace:FILE/],
    ["--max-prompt-tokens alone", ["sweep", "--max-prompt-tokens", "9"], /--max-prompt-tokens would .* trace:FILE/],
    ["--rate of a closed loop", ["bench", "--arrival", "closed", "--rate", "3"], /--rate would do nothing here/],
    ["--endpoint without its scheduler", [...MOCK, "--endpoint", "http://h"], /--endpoint would .* remote or vllm/],
    ["--wait-ready without a server", ["sweep", "--wait-ready", "3"], /--wait-ready would .* it needs --url/],
    [
      "a GPU for the mock",
      ["serve", "--model", "mock", "--device", "cuda"],
      /--device would .* the mock model uses no/,
    ],
    ["memory for the mock", [...MOCK, "--memory-limit", "9"], /--memory-limit would .* the mock model uses no/],
    [
      "two orders",
      [...MOCK, "--order", "edf", "--short-job-first"],
      /--short-job-first would .* --order names another/,
    ],
    ["prompts beside lengths", ["bench", "--prompts", "p", "--prompt-lengths", "9"], /--prompts would do nothing here/],
    ["an axis of another policy", ["sweep", "--max-num-seqs", "4"], /static has no option maxNumSeqs/],
  ])("%s is one line and exit code 2, and leaves nothing behind", (_, words, message) => {
    const { status, stderr } = sluice(words);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(status).toBe(2);
    expect(existsSync(join(folder, "results")) ? readdirSync(join(folder, "results")) : []).toEqual([]);
  });

  it("takes another system's name of a model for its stand-in, and says so", () => {
    writeFileSync(join(folder, ".env"), "LLM_MODEL=openai-community/gpt2\n");
    const { stderr } = sluice(["bench", "--schedulers", "contiuous"]);
    expect(stderr).toMatch(
      /^sluice: openai-community\/gpt2 means standin:gpt2, its shape with random weights; .*\.gguf/,
    );
  });

  it("names the line of a prompts file", () => {
    writeFileSync(join(folder, "p.jsonl"), '"one"\n{"prompt": 7}\n');
    expect(sluice(["bench", "--prompts", "p.jsonl"]).stderr).toMatch(/p\.jsonl:2: must be a non-empty string/);
  });

  it("refuses a results folder that exists", () => {
    expect(sluice([...MOCK, "--output-dir", "."]).stderr).toMatch(/exists, and results are never overwritten/);
  });
});

describe("sluice bench", () => {
  it("writes its folder and a comparison, in virtual time", () => {
    const { status, stdout } = sluice([...MOCK, "--output-dir", "out"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nundecided: static leads, but not surely against sequential \(one round says nothing/);
    expect(readdirSync(join(folder, "out"))).toEqual(
      expect.arrayContaining([
        "benchmark_detailed_metrics.csv",
        "benchmark_report.txt",
        "benchmark_summaries.csv",
        "manifest.json",
        "results.json",
      ]),
    );
    const { manifest, runs } = resultsIn("out");
    expect(manifest).toMatchObject({ command: "bench", seed: 1, interrupted: false });
    expect(runs.map((run) => [run.label, run.summary.ok])).toEqual([
      ["sequential", 4],
      ["static", 4],
    ]);
  });

  it("goes on until it is decided, under equal and mixed lengths, and ends with one screen", () => {
    const { status, stdout } = sluice(["bench", "--model", "mock", "--output-dir", "out"]);
    expect(status).toBe(0);
    const screen = stdout
      .slice(stdout.indexOf("\nequal lengths: ") + 1)
      .trim()
      .split("\n");
    expect(screen.length).toBeLessThanOrEqual(25);
    expect(screen[0]).toMatch(
      /^equal lengths: static and continuous are equal within 5 %; static is faster than the other 4/,
    );
    expect(screen[1]).toMatch(
      /^mixed lengths: continuous is faster than all others \(than dynamic, the next, by \d+–\d+ %\)\.$/,
    );
    expect(screen.at(-2)).toMatch(/^next: sluice /);
    const { runs, design } = resultsIn("out");
    expect(design).toEqual({ looks: [6, 9, 12, 15], precision: 0.05, figure: "tokensPerSec" });
    expect(new Set(runs.map((run) => `${run.load} ${run.run}`)).size).toBe(2 * 6);
    const firsts = runs.filter((run, i) => run.load === "equal lengths" && runs[i - 1]?.load !== "equal lengths");
    expect(new Set(firsts.map((run) => run.label)).size).toBeGreaterThan(3);
    const sent = (label: string) => runs.find((run) => run.label === label)?.summary.requests;
    expect([sent("sequential"), sent("continuous")]).toEqual([8, 24]);
  });

  it("finds no difference between a variant and itself, and keeps to its time", () => {
    const words = [
      "bench",
      "--model",
      "mock",
      "--schedulers",
      "continuous",
      "continuous",
      "--output-lengths",
      "uniform:8-64",
    ];
    expect(sluice([...words, "--output-dir", "twins"]).stdout).toMatch(
      /\ncontinuous and continuous #2 are equal within 5 %\./,
    );
    const began = performance.now();
    const slow = [
      "bench",
      "--model",
      "mock",
      "--clock",
      "real",
      "--schedulers",
      "static",
      "continuous",
      "--max-tokens",
      "8",
    ];
    expect(sluice([...slow, "--max-minutes", "0.05", "--output-dir", "brief"]).status).toBe(0);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(resultsIn("brief").runs.length).toBeGreaterThan(1);
  });

  it("does as the reference suite when it is told to", () => {
    const words = [
      "bench",
      "--model",
      "mock",
      "--reference",
      "--schedulers",
      "static",
      "continuous",
      "--output-dir",
      "out",
    ];
    expect(sluice(words).status).toBe(0);
    const { runs, settings } = resultsIn("out");
    expect(runs).toHaveLength(2 * 3 * 3);
    expect([...new Set(runs.map((run) => run.requestSize))]).toEqual([25, 50, 100]);
    expect(Math.max(...runs.map((run) => run.summary.batchSizeMean ?? 0))).toBeGreaterThan(8);
    expect(settings).toMatchObject({ reference: true });
  });

  it("says nothing with --quiet, and puts results into a folder of its own", () => {
    expect(sluice([...MOCK, "--quiet"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(readdirSync(join(folder, "results"))).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d-]+-bench$/)]);
  });

  it("runs a policy from a file beside the others", () => {
    const file = join(folder, "pairs.mjs");
    const rows = "rows: (view) => view.running.map((sequence) => ({ sequence, count: sequence.pending }))";
    writeFileSync(
      file,
      `export default { name: "pairs", summary: "", options: {}, create: () => ({ maxSequences: 2, admitsWhileRunning: false,
        delivery: "batch-end", padToLongest: false, reusesPrefixes: false, mayStart: () => ({ start: 2 }), ${rows} }) };`,
    );
    const { status, stderr } = sluice([...MOCK, "--schedulers", "./pairs.mjs", "--output-dir", "out"]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(resultsIn("out").runs.map((run) => [run.label, run.batchSizes])).toEqual([
      ["sequential", [0, 4]],
      ["static", [0, 0, 0, 0, 1]],
      ["pairs", [0, 0, 2]],
    ]);
  });

  it("lets flags win over the environment, that over the config file, that over defaults", () => {
    writeFileSync(
      join(folder, "sluice.config.json"),
      '{"seed": 5, "model": "standin:nano", "bench": {"sizes": [2], "runs": 2}}',
    );
    writeFileSync(join(folder, ".env"), "LLM_MODEL=mock\n");
    const words = ["bench", "--schedulers", "sequential", "--runs", "1", "--output-dir", "out"];
    expect(sluice(words).status).toBe(0);
    const { manifest, settings, runs } = resultsIn("out");
    expect(manifest.seed).toBe(5);
    expect(settings).toMatchObject({ model: "mock", sizes: [2], runs: 1 });
    expect(runs.map((run) => run.requestSize)).toEqual([2]);
  });

  it("refuses a setting that no command knows", () => {
    writeFileSync(join(folder, "sluice.config.json"), '{"bench": {"size": [2]}}');
    expect(sluice(["bench"]).stderr).toMatch(/there is no setting "bench\.size" \(did you mean "sizes"\?\)/);
  });

  it.each([
    ['{"apiKey": ""}', /apiKey of the config file is empty/],
    ['{"apiKey": []}', /apiKey of the config file is empty/],
    ['{"apiKey": ["a", " "]}', /apiKey of the config file is empty/],
    ['{"serve": {"apiKey": null}}', /apiKey is a text or a number, got null/],
    ['{"apiKey": true}', /apiKey is a text or a number, got true/],
    ['{"apiKey": "key\\n"}', /an API key is empty or has space around it/],
    ['{"logPrompts": "no"}', /logPrompts is true or false, got "no"/],
  ])("opens no server with %s", (config, message) => {
    writeFileSync(join(folder, "sluice.config.json"), config);
    const { status, stderr } = sluice(["serve", "--model", "mock", "--port", "0"]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe("sluice sweep", () => {
  it("reproduces the notebook's trade-off in virtual time", () => {
    const words = [
      "sweep",
      "--model",
      "mock",
      "--max-batch",
      "1",
      "2",
      "4",
      "8",
      "16",
      "--requests",
      "30",
      "--rate",
      "3",
    ];
    const { status, stdout } = sluice([...words, "--output-lengths", "uniform:10-29", "--output-dir", "out"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/best throughput/);
    const csv = readFileSync(join(folder, "out", "batch_sweep.csv"), "utf8")
      .trim()
      .split("\n");
    expect(csv[0]).toMatch(/^scheduler,max_batch_size,requests,repeats,failed,p50_s,p95_s,p99_s,/);
    expect(csv).toHaveLength(7);
    const perSec = csv.slice(1).map((line) => Number(line.split(",")[8]));
    // Batches of one are the un-batched run; batches of four carry far more.
    expect(perSec[1]).toBeCloseTo(perSec[0] ?? 0, 1);
    expect(perSec[3]).toBeGreaterThan(1.5 * (perSec[1] ?? 0));
  });

  it("varies what clients do", () => {
    const words = ["sweep", "--model", "mock", "--concurrency", "1", "4", "--repeats", "1", "--output-dir", "out"];
    expect(sluice(words).status).toBe(0);
    const { axes, runs } = resultsIn("out");
    expect(axes).toEqual([{ name: "concurrency", values: [1, 4] }]);
    expect(runs.map((run) => [run.label, run.policy, run.requestSize, run.summary.batchSizeMean])).toEqual([
      ["static concurrency=1", "static", 4, 1],
      ["static concurrency=4", "static", 4, 4],
    ]);
  });

  it("goes on where it was interrupted", () => {
    const words = ["sweep", "--model", "mock", "--max-batch", "1", "2", "--repeats", "2"];
    expect(sluice([...words, "--output-dir", "whole"]).status).toBe(0);
    const whole = resultsIn("whole");
    const header = { command: "sweep", settings: whole.settings };
    const [done] = whole.runs;
    writeFileSync(
      join(folder, "whole", "runs.jsonl"),
      `${JSON.stringify(header)}\n${JSON.stringify({ ...done, startedAtMs: 1 })}\n{"label":"cut`,
    );
    expect(sluice([...words, "--resume", "whole"]).status).toBe(0);
    const resumed = resultsIn("whole");
    expect(resumed.runs.map((run) => [run.label, run.run])).toEqual(whole.runs.map((run) => [run.label, run.run]));
    expect(resumed.runs[0]?.startedAtMs).toBe(1);
    expect(existsSync(join(folder, "whole", "runs.jsonl"))).toBe(false);
    expect(sluice([...words, "--seed", "2", "--resume", "whole"]).stderr).toMatch(/holds no interrupted run/);
  });
});

describe("sluice generate", () => {
  it("prints each batch as it ends, the remainder too", () => {
    const words = ["generate", "--model", "mock", "--scheduler", "naive", "--batch-size", "2", "--max-tokens", "2"];
    const { status, stdout } = sluice([...words, "one", "two", "three"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Batch 1 \(2 prompts\)[\s\S]*> one\n[\s\S]*> two\n[\s\S]*Batch 2 \(1 prompt\)[\s\S]*> three\n/,
    );
  });

  it("streams", () => {
    const { status, stdout } = sluice(["generate", "--model", "mock", "--max-tokens", "2", "--stream", "one", "two"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^one w\d+ w\d+\n {2}\[2 tokens in [\s\S]*\ntwo w\d+ w\d+\n/);
  });
});

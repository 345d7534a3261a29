import { basename } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findSmollm2 } from "../../test/support/smollm2.js";
import { SystemClock, VirtualClock } from "../clock.js";
import type { Engine } from "../engine/engine.js";
import { type LlamaEngineOptions, openLlamaEngine } from "../engine/llama/engine.js";
import { SimulatedEngine } from "../engine/simulated/engine.js";
import { defaultCacheDir } from "../models/cache.js";
import { ensureStandin } from "../models/standin.js";
import type { Step, StepOutcome } from "../scheduler/step.js";
import { ENGINE_CHECKS } from "./engine.js";
import { REPRODUCIBLE_CHECKS } from "./reproducible.js";

const nanoPath = (format: "f32" | "q8_0") => ensureStandin({ name: "nano", format }, defaultCacheDir());
const smollm2Path = findSmollm2("the llama.cpp engine on a trained model");

function openModel(modelPath: string, more?: Partial<LlamaEngineOptions>): Engine {
  return openLlamaEngine({
    modelPath,
    modelName: basename(modelPath),
    device: "cpu",
    threads: 1,
    slots: 4,
    contextSize: 256,
    clock: new SystemClock(),
    memoryLimitBytes: 0,
    ...more,
  });
}

const openReproducible = (modelPath: string, contextSize: number, threads = 1) =>
  openModel(modelPath, { reproducible: true, threads, contextSize });

// Checks block the thread; the test runner has to be heard in between.
afterEach(() => new Promise((resolve) => void setImmediate(resolve)));

const checks = ENGINE_CHECKS.map((check) => [check.name, check] as const);

describe.each(["f32", "q8_0"] as const)("llama, standin:nano in %s", (format) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = openModel(await nanoPath(format));
  });
  afterAll(() => engine.close());

  it.each(checks)("%s", (_name, check) => check.run(engine));
});

describe.skipIf(smollm2Path === undefined)("llama, SmolLM2", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = openModel(smollm2Path!);
  });
  afterAll(() => engine.close());

  it.each(checks)("%s", (_name, check) => check.run(engine));
});

const reproducible = REPRODUCIBLE_CHECKS.map((check) => [check.name, check] as const);

describe.each(["f32", "q8_0"] as const)("reproducible, standin:nano in %s", (format) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = openReproducible(await nanoPath(format), 1024);
  });
  afterAll(() => engine.close());

  it("passes what every engine passes", () => {
    for (const check of ENGINE_CHECKS) check.run(engine);
  });
  it.each(reproducible)("%s: prompts of 100 and 700 tokens", (_name, check) => {
    for (const length of [100, 700]) check.run(engine, length);
  });
});

it("a reproducible engine's lone tokens do not share 512 cells out among threads", async () => {
  const engine = openReproducible(await nanoPath("q8_0"), 1024, 2);
  REPRODUCIBLE_CHECKS[1]!.run(engine, 520);
  engine.close();
}, 180_000);

describe.skipIf(smollm2Path === undefined)("reproducible, SmolLM2", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = openReproducible(smollm2Path!, 512);
  });
  afterAll(() => engine.close());

  it.each(reproducible)("%s: a prompt of 160 tokens", (_name, check) => check.run(engine, 160));
});

const openMock = () => new SimulatedEngine({ clock: new VirtualClock(), slots: 4, contextSize: 256 });

describe("mock", () => {
  it.each(checks)("%s", (_name, check) => check.run(openMock()));
});

describe("the suite finds engines that", () => {
  /** An engine whose outcomes are changed on their way out. */
  const broken = (change: (outcome: StepOutcome, step: Step) => StepOutcome) => () => {
    const mock = openMock();
    const engine: Engine = {
      info: mock.info,
      run: (step) => change(mock.run(step), step),
      tokenize: (text) => mock.tokenize(text),
      detokenize: (tokens) => mock.detokenize(tokens),
      close: () => mock.close(),
    };
    for (const check of ENGINE_CHECKS) check.run(engine);
  };
  const shifted = (outcome: StepOutcome, by: number): StepOutcome => ({
    ...outcome,
    rows: outcome.rows.map((row) => ({
      ...row,
      samples: row.samples.map((sample) => ({ ...sample, token: sample.token + by })),
    })),
  });

  it("are right", () => {
    expect(broken((outcome) => outcome)).not.toThrow();
  });

  it("let neighbours change a sequence", () => {
    expect(broken((outcome, { rows }) => shifted(outcome, rows.length))).toThrow();
  });

  it("let the slot change a sequence", () => {
    expect(broken((outcome, { rows }) => shifted(outcome, rows[0]!.slot))).toThrow();
  });

  it("sample for padding", () => {
    const doubled = (outcome: StepOutcome): StepOutcome => ({
      ...outcome,
      rows: outcome.rows.map((row) => ({ ...row, samples: outcome.rows[0]!.samples })),
    });
    expect(broken((outcome, { rows }) => (rows.some((row) => row.padding) ? doubled(outcome) : outcome))).toThrow();
  });

  it("lose text", () => {
    let count = 0;
    const mute = (outcome: StepOutcome): StepOutcome => ({
      ...outcome,
      rows: outcome.rows.map((row) => ({
        ...row,
        samples: row.samples.map((sample) => (++count % 13 === 0 ? { ...sample, text: "" } : sample)),
      })),
    });
    expect(broken(mute)).toThrow();
  });
});

import { describe, expect, it } from "vitest";
import { DEFAULT_ENGINE } from "../host/settings.js";
import { DEFAULT_SCHEDULER } from "../scheduler/settings.js";
import { serveFlags } from "./served.js";
import { resolveVariants } from "./variant.js";

async function flagsOf(options: Record<string, string>, settings: object = {}, engine: object = {}): Promise<string> {
  const [variant] = await resolveVariants({
    entries: [{ name: "static", options }],
    options: {},
    scheduler: { ...DEFAULT_SCHEDULER, ...settings },
    concurrency: 8,
  });
  return serveFlags({ ...DEFAULT_ENGINE, ...engine }, variant!).join(" ");
}

describe("a server of our own", () => {
  it("is told the model, the slots that the scheduler needs and the policy with all its options", async () => {
    expect(await flagsOf({ maxBatchSize: "4" })).toBe(
      "--model standin:distilgpt2 --slots 4 --scheduler static --max-batch-size 4 --max-wait-ms 20 --pad-to-longest true",
    );
  });

  it("is told every setting that is not its own default", async () => {
    const scheduler = { order: "sjf", ageAfterMs: 5, maxNumQueuedTokens: 9, compactSlots: false };
    const engine = { model: "mock", device: "cpu", slots: 16, memoryLimitMib: 512, contextSize: 128 };
    expect(await flagsOf({}, scheduler, engine)).toMatch(
      /^--model mock --device cpu --context-size 128 --slots 16 --memory-limit 512 --scheduler static --order sjf --age-after-ms 5 --max-num-queued-tokens 9 --no-compact-slots /,
    );
  });
});

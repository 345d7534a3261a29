import { describe, expect, it } from "vitest";
import type { LlamaApi } from "./api.js";
import { loadLlama } from "./binding.js";
import { checkHandshake } from "./handshake.js";

const { api, build } = loadLlama("cpu");

function check(change: Partial<LlamaApi>): () => void {
  return () => checkHandshake({ ...api, ...change }, build);
}

describe("checkHandshake", () => {
  it("accepts the pinned build", () => {
    expect(check({})).not.toThrow();
  });

  it("refuses another version", () => {
    expect(check({ version: () => "0.6.0" })).toThrowError(/its llama\.cpp is 0\.6\.0; install its version 3\.22\.1/);
  });

  it("refuses structs whose defaults read back as something else", () => {
    const model = { ...api.modelDefaultParams(), use_extra_bufts: false };
    expect(check({ modelDefaultParams: () => model })).toThrowError(/llama_model_params\.use_extra_bufts is false/);
    const context = { ...api.contextDefaultParams(), n_samplers: 7 };
    expect(check({ contextDefaultParams: () => context })).toThrowError(/llama_context_params\.n_samplers is 7/);
    const pool = { ...api.threadPool!.defaultParams(3), poll: 0 };
    const threadPool = { ...api.threadPool!, defaultParams: () => pool };
    expect(check({ threadPool })).toThrowError(/ggml_threadpool_params\.poll is 0 instead of 50/);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { runCli } from "./program.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The code and what was said. */
async function run(...words: string[]): Promise<[number, string]> {
  const said: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void said.push(line));
  const code = await runCli(words);
  return [code, said.join("\n")];
}

const SERVE = ["serve", "--model", "mock", "--port", "0"];

describe("a value that is there and blank", () => {
  it.each([
    ["an API key", [...SERVE, "--api-key", ""], /^sluice: --api-key is empty/],
    ["an API key of spaces", [...SERVE, "--api-key", " \t"], /^sluice: --api-key is empty/],
    ["one of two API keys", [...SERVE, "--api-key", "a", ""], /^sluice: --api-key is empty/],
    [
      "an API key that the shell left out",
      [...SERVE, "--api-key", "--host", "0.0.0.0"],
      /--api-key has no value: .*--host/,
    ],
    ["a host", [...SERVE, "--host", ""], /^sluice: --host is empty/],
    ["a served name", [...SERVE, "--served-model-name", ""], /^sluice: --served-model-name is empty/],
    ["a chat template", [...SERVE, "--chat-template", ""], /^sluice: --chat-template is empty/],
    ["a model", ["generate", "--model", "", "hi"], /^sluice: --model is empty/],
    ["a URL", ["sweep", "--url", ""], /^sluice: --url is empty/],
    ["a client's key", ["loadtest", "--url", "http://127.0.0.1:9", "--api-key", ""], /^sluice: --api-key is empty/],
    ["a folder", ["bench", "--model", "mock", "--output-dir", ""], /^sluice: --output-dir is empty/],
    ["a list", ["bench", "--model", "mock", "--sizes", ""], /^sluice: --sizes is empty/],
    ["an argument", ["plot", ""], /^sluice: <results> is empty/],
  ])("is refused: %s", async (_what, words, message) => {
    const [code, said] = await run(...words);
    expect([code, said]).toEqual([2, expect.stringMatching(message)]);
  });

  it.each([
    ["SLUICE_API_KEY", SERVE],
    ["LLM_MODEL", ["serve", "--port", "0"]],
    ["VLLM_ENDPOINT", ["loadtest"]],
    ["VLLM_HOST", ["loadtest"]],
    ["HF_TOKEN", ["model", "pull", "hf:a/b"]],
    ["HF_ENDPOINT", ["model", "pull", "hf:a/b"]],
  ])("is refused in the environment: %s", async (name, words) => {
    vi.stubEnv(name, " ");
    expect(await run(...words)).toEqual([2, expect.stringMatching(`^sluice: ${name} is empty`)]);
  });

  it("gives way to a flag that has a value", async () => {
    vi.stubEnv("VLLM_ENDPOINT", "");
    expect((await run("loadtest", "--url", "http://127.0.0.1:9"))[1]).toContain("nothing listens at");
  });
});

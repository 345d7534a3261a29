// Opens one model after the other, as a line of JSON each asks, and prints a line of JSON for each: until one ends it.
import { createInterface } from "node:readline";
import { makeRequest } from "../../dist/host/request.js";
import { startEngineHost } from "../../dist/host/start.js";
import { tryModel } from "../../dist/host/try-model.js";
import { DEFAULT_SCHEDULER as SCHEDULER } from "../../dist/scheduler/settings.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { load, serves } = JSON.parse(line);
  let error;
  try {
    await (serves ? serve(load) : tryModel(load));
  } catch (thrown) {
    error = thrown.message;
  }
  process.stdout.write(`${JSON.stringify({ error: error ?? null })}\n`);
}

/** What a server does with a model: several requests together, of all lengths. */
async function serve(load) {
  const host = await startEngineHost(load, { ...SCHEDULER, policyOptions: { maxNumSeqs: load.slots } });
  const prompts = ["a", "Hello world, how are you?", "\u0000\u00ff 你好 ".repeat(9), "<|im_start|>user\nhi<|im_end|>"];
  await Promise.all(
    prompts.map(
      (prompt, at) =>
        new Promise((resolve) => {
          const tokens = host.tokenize(prompt, true).slice(0, load.contextSize - 8);
          const request = makeRequest(`${at}`, tokens, { maxTokens: 6, temperature: at / 2, ignoreEos: true }, 0);
          host.submit(request, ({ type }) => (type === "failed" || type === "finished") && resolve());
        }),
    ),
  );
  await host.close();
}

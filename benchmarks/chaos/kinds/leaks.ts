import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, count, heldBy, post } from "../server.js";

/** Many requests of every fate, and then what the process still holds. */
export const leaks: Kind = {
  name: "memory and files afterwards",
  async run(size) {
    const tally = newTally();
    const server = await attacked("--model", "standin:nano");
    const send = async (requests: number) => {
      let left = requests;
      const client = async () => {
        while (left-- > 0) {
          const body = BODIES[left % BODIES.length];
          count(tally, await post(server.url, "/v1/completions", body), () => true);
        }
      };
      await Promise.all(Array.from({ length: 16 }, client));
    };
    await send(scaled(2_000, size)); // caches fill
    const before = heldBy(server.child.pid!);
    await send(scaled(18_000, size));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const after = heldBy(server.child.pid!);
    if (after.files > before.files + 4) tally.wrong += after.files - before.files;
    const grownMib = after.rssMib - before.rssMib;
    tally.notes.push(`memory ${grownMib.toFixed(0)} MiB more, files ${before.files} then ${after.files}`);
    await server.end();
    return tally;
  },
};

const BODIES = [
  { prompt: "Once upon a time", max_tokens: 4 },
  { prompt: "Once", max_tokens: 4, response_format: { type: "json_object" } },
  { prompt: "", max_tokens: 4 },
  { prompt: "x", max_tokens: 4, timeout: 0.001 },
  { prompt: "x", max_tokens: 1e9 },
  "{not json",
];

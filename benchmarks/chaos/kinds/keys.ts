import { spawnSync } from "node:child_process";
import { type Kind, newTally } from "../kind.js";
import { MAIN } from "../server.js";

/** Secrets and addresses that are empty: a server must not start with them. */
export const keys: Kind = {
  name: "empty keys and addresses",
  async run() {
    const tally = newTally();
    for (const [words, environment] of OPENINGS) {
      const line = [MAIN, "serve", "--model", "standin:nano", "--port", "0", ...words];
      const env = { ...process.env, ...environment };
      const { status, stderr } = spawnSync(process.execPath, line, { encoding: "utf8", timeout: 20_000, env });
      tally.sent++;
      if (status === 2 && stderr.trim().split("\n").length === 1) tally.refused++;
      else {
        tally.wrong++;
        tally.notes.push(`${JSON.stringify([words, environment])} ended with ${status}`);
      }
    }
    return tally;
  },
};

const OPENINGS: readonly [string[], Record<string, string>][] = [
  [["--api-key", ""], {}],
  [["--api-key", "a", ""], {}],
  [["--api-key", " "], {}],
  [[], { SLUICE_API_KEY: "" }],
  [[], { SLUICE_API_KEY: "\t" }],
  [["--host", ""], {}],
  [["--served-model-name", ""], {}],
  [["--chat-template", ""], {}],
];

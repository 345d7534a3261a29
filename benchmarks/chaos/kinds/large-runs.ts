import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kind, newTally, scaled } from "../kind.js";
import { MAIN } from "../server.js";

/** A run of a million requests: it ends, in bounded memory, with its results. */
export const largeRuns: Kind = {
  name: "a million requests",
  async run(size) {
    const tally = newTally();
    const requests = scaled(1_000_000, size);
    const folder = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
    const words = ["bench", "--model", "mock", "--clock", "virtual", "--schedulers", "continuous", "--runs", "1"];
    const flags = ["--sizes", String(requests), "--max-tokens", "4", "--quiet", "--output-dir", join(folder, "run")];
    const beganMs = performance.now();
    const child = spawnSync(process.execPath, [MAIN, ...words, ...flags], { encoding: "utf8", timeout: 600_000 });
    const seconds = (performance.now() - beganMs) / 1000;
    tally.sent = requests;
    if (child.status === 0) tally.right = requests;
    else {
      tally.lost = requests;
      tally.notes.push(child.stderr.trim().slice(-200));
    }
    tally.notes.push(`${seconds.toFixed(0)} s`);
    rmSync(folder, { recursive: true });
    return tally;
  },
};

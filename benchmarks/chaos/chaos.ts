/**
 * What hostile clients, files, servers and machines do to Sluice: a table of what was sent and what became of it. It is
 * bounded, talks to the loopback address alone, and fails where anything was lost, wrong or hung.
 *
 *     npm run chaos
 */
import { choice, readFlags, text } from "../flags.js";
import { failed } from "./kind.js";
import { KINDS } from "./kinds/registry.js";

const flags = readFlags("Attacks Sluice in every way that is known and counts what becomes of it.", {
  size: choice(["full", "small"], "how much is sent"),
  kinds: text(undefined, "part of the names of those to try (default: all)"),
});

const COLUMNS = ["sent", "right", "refused", "lost", "wrong", "hung"] as const;
const chosen = KINDS.filter(({ name }) => name.includes(flags.kinds ?? ""));
console.log(`${"".padEnd(28)}${COLUMNS.map((column) => column.padStart(9)).join("")}`);
for (const kind of chosen) {
  const tally = await kind.run(flags.size === "full" ? 1 : 0.02);
  console.log(`${kind.name.padEnd(28)}${COLUMNS.map((column) => String(tally[column]).padStart(9)).join("")}`);
  for (const note of tally.notes) console.log(`    ${note}`);
  if (failed(tally)) process.exitCode = 1;
}

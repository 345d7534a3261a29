#!/usr/bin/env node
import { runCli } from "./program.js";

// Whoever reads along may stop early (`sluice … | head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// Where nobody hears what is wrong, there is still the exit code.
process.stderr.on("error", () => undefined);

process.exitCode = await runCli(process.argv.slice(2));

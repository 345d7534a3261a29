/** A server whose metrics cannot be registered, after its engine host has started. Nothing here ends the process. */
import { DEFAULT_ENGINE } from "../../dist/host/settings.js";
import { DEFAULT_SCHEDULER } from "../../dist/scheduler/settings.js";
import { startServer } from "../../dist/server/serve.js";
import { DEFAULT_SERVER } from "../../dist/server/settings.js";

const engine = { ...DEFAULT_ENGINE, model: "mock" };
const server = { ...DEFAULT_SERVER, metricsNamespace: "no name" };
try {
  await startServer({ engine, scheduler: DEFAULT_SCHEDULER, server, worker: 0 });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

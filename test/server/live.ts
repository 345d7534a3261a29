import { pino } from "pino";
import { DEFAULT_ENGINE } from "../../src/host/settings.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../../src/scheduler/settings.js";
import { type RunningServer, startServer } from "../../src/server/serve.js";
import { DEFAULT_SERVER, type ServerSettings } from "../../src/server/settings.js";

export interface LiveServer extends RunningServer {
  /** What the server logged, a parsed line each. */
  readonly log: { readonly level: number; readonly msg: string; readonly status?: number }[];
}

const SLOTS = 8;

/** A real server on a free port, with the tiny stand-in model unless told otherwise. */
export async function liveServer(
  server: Partial<ServerSettings> = {},
  scheduler: Partial<SchedulerSettings> = {},
  model = "standin:nano",
): Promise<LiveServer> {
  const log: LiveServer["log"] = [];
  const running = await startServer({
    engine: { ...DEFAULT_ENGINE, model, device: "cpu", threads: 1, slots: SLOTS },
    scheduler: { ...DEFAULT_SCHEDULER, policyOptions: { maxNumSeqs: SLOTS }, ...scheduler },
    server: { ...DEFAULT_SERVER, port: 0, ...server },
    logger: pino({ level: "info" }, { write: (line: string) => log.push(JSON.parse(line)) }),
    worker: 0,
  });
  return { ...running, log };
}

/** Asks again and again, without a pause longer than a turn of the event loop, until it is so. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
}

/** One number of the metrics page; 0 when it is not there. */
export async function metric(url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const lines = page.split("\n").filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

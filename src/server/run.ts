/** `sluice serve` as a process: alone, or as primary or worker of several; signals and exit codes. */
import cluster from "node:cluster";
import { type DestinationStream, type LevelWithSilent, type Logger, pino } from "pino";
import { SluiceError } from "../errors.js";
import { Primary, WorkerLink } from "./cluster.js";
import { statsOrNone } from "./routes/health.js";
import { type RunningServer, type ServeOptions, startServer } from "./serve.js";

export interface RunOptions extends Omit<ServeOptions, "logger" | "worker" | "metricsPage" | "backlogs"> {
  readonly workers: number;
  readonly logLevel: LevelWithSilent;
  /** Where log lines go; stdout unless given. */
  readonly logDestination?: DestinationStream;
  /** The server takes requests. */
  readonly onReady: (url: string) => void;
}

/** Which worker this process is; the primary sets it. */
const WORKER_VARIABLE = "SLUICE_WORKER";

/**
 * Serves until a signal comes.
 *
 * @returns the exit code: 0 after a signal, also when the drain timeout cut requests off
 * @throws SluiceError when the server cannot start or loses its engine
 */
export function runServer(options: RunOptions): Promise<number> {
  const logger = makeLogger(options);
  if (cluster.isWorker) return runWorker(options, logger);
  return options.workers > 1 ? runPrimary(options, logger) : runAlone(options, logger);
}

function makeLogger({ logLevel, logDestination }: RunOptions): Logger {
  const base = cluster.isWorker ? { pid: process.pid, worker: workerIndex() } : { pid: process.pid };
  const settings = { level: logLevel, base, timestamp: pino.stdTimeFunctions.isoTime };
  return logDestination === undefined ? pino(settings) : pino(settings, logDestination);
}

function workerIndex(): number {
  return Number(process.env[WORKER_VARIABLE] ?? 0);
}

async function runAlone(options: RunOptions, logger: Logger): Promise<number> {
  const server = await startServer({ ...options, logger, worker: 0 });
  options.onReady(server.url);
  const stop = signals((signal) => logger.info({ signal }, "draining"));
  return serveUntil(stop, server, logger);
}

async function serveUntil(stop: Promise<unknown>, server: RunningServer, logger: Logger): Promise<number> {
  try {
    await Promise.race([stop, server.lost]);
  } catch (error) {
    logger.fatal({ err: error }, "the engine is lost");
    await server.drain();
    throw error;
  }
  const inTime = await server.drain();
  if (inTime) logger.info("every accepted request has ended");
  else logger.warn("the drain timeout cut requests off");
  return 0;
}

async function runPrimary(options: RunOptions, logger: Logger): Promise<number> {
  const primary = new Primary({
    workers: options.workers,
    workerVariable: WORKER_VARIABLE,
    logger,
    onReady: options.onReady,
  });
  void signals((signal) => {
    logger.info({ signal }, "draining the workers");
    primary.stop("SIGTERM");
  });
  await primary.done;
  return 0;
}

async function runWorker(options: RunOptions, logger: Logger): Promise<number> {
  const link = new WorkerLink();
  let server: RunningServer;
  try {
    const all = { metricsPage: () => link.page(), backlogs: () => link.backlogs() };
    server = await startServer({ ...options, ...all, logger, worker: workerIndex() });
  } catch (error) {
    link.tell({ type: "failed", error: SluiceError.from(error).toData() });
    await new Promise((resolve) => process.once("disconnect", resolve));
    return 1;
  }
  connect(link, server);
  // The terminal sends Ctrl-C to workers too; the primary alone decides what it means.
  process.on("SIGINT", () => undefined);
  const stop = new Promise((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("disconnect", resolve);
  });
  try {
    return await serveUntil(stop, server, logger);
  } finally {
    // The channel to the primary would keep the process alive.
    if (process.connected) process.disconnect();
  }
}

function connect(link: WorkerLink, { app, url }: RunningServer): void {
  const { monitor, metrics } = app.context;
  link.share = {
    metrics: async () => metrics.data(await statsOrNone(app.context)),
    backlog: () => monitor.backlog(),
  };
  link.onFrame = (frame) => monitor.relay(frame);
  link.onWatch = (watch) => {
    monitor.forward = watch ? (frame) => link.tell({ type: "frame", frame }) : undefined;
  };
  monitor.onViewers = (viewers) => link.tell({ type: "watching", viewers });
  link.tell({ type: "ready", url });
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
function signals(onFirst: (signal: NodeJS.Signals) => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let heard = false;
    const hear = (signal: NodeJS.Signals) => {
      if (heard) process.exit(1);
      heard = true;
      onFirst(signal);
      resolve(signal);
    };
    process.on("SIGTERM", hear);
    process.on("SIGINT", hear);
  });
}

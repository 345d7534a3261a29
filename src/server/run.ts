/** `sluice serve` as a process: alone, or as primary or worker of several; signals and exit codes. */
import cluster from "node:cluster";
import { type LevelWithSilent, type Logger, pino } from "pino";
import { SluiceError } from "../errors.js";
import { Primary, WorkerLink } from "./cluster.js";
import { statsOrNone } from "./host-stats.js";
import { LogSink } from "./log-sink.js";
import { endAtTheLatestAfter, endProcess } from "./process-end.js";
import { type RunningServer, type ServeOptions, startServer } from "./serve.js";

export interface RunOptions extends Omit<ServeOptions, "logger" | "worker" | "metricsPage" | "backlogs"> {
  readonly workers: number;
  readonly logLevel: LevelWithSilent;
  /** The server takes requests. */
  readonly onReady: (url: string) => void;
}

/** Which worker this process is; the primary sets it. */
const WORKER_VARIABLE = "SLUICE_WORKER";

/** By then a process that was told to end has ended. */
const END_AFTER_DRAIN_S = 2;
/** What the log gets of that. */
const LOG_FLUSH_MS = 250;
const STDOUT = 1;

/** As shells count: 128 and the signal's number. */
const EXIT_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Serves until a signal comes. After it, the process ends within the drain timeout and two seconds, whatever clients,
 * log, engine and workers do.
 *
 * @returns the exit code: 0 after SIGTERM, also when the drain timeout cut requests off; 130 after Ctrl-C
 * @throws SluiceError when the server cannot start or loses its engine
 */
export async function runServer(options: RunOptions): Promise<number> {
  const log = new LogSink(STDOUT);
  const logger = makeLogger(options, log);
  try {
    if (cluster.isWorker) return await runWorker(options, logger);
    return options.workers > 1 ? await runPrimary(options, logger) : await runAlone(options, logger);
  } finally {
    await log.flush(LOG_FLUSH_MS);
  }
}

function makeLogger({ logLevel }: RunOptions, log: LogSink): Logger {
  const base = cluster.isWorker ? { pid: process.pid, worker: workerIndex() } : { pid: process.pid };
  return pino({ level: logLevel, base, timestamp: pino.stdTimeFunctions.isoTime }, log);
}

function workerIndex(): number {
  return Number(process.env[WORKER_VARIABLE] ?? 0);
}

async function runAlone(options: RunOptions, logger: Logger): Promise<number> {
  const server = await startServer({ ...options, logger, worker: 0 });
  const stop = signals(options.server.drainTimeoutS, (signal) => logger.info({ signal }, "draining"));
  options.onReady(server.url);
  return serveUntil(stop, server, logger);
}

async function serveUntil(stop: Promise<number>, server: RunningServer, logger: Logger): Promise<number> {
  let code: number;
  try {
    code = await Promise.race([stop, server.lost]);
  } catch (error) {
    logger.fatal({ err: error }, "the engine is lost");
    await server.drain();
    throw error;
  }
  const inTime = await server.drain();
  if (inTime) logger.info("every accepted request has ended");
  else logger.warn("the drain timeout cut requests off");
  return code;
}

async function runPrimary(options: RunOptions, logger: Logger): Promise<number> {
  const { drainTimeoutS } = options.server;
  const primary = new Primary({
    workers: options.workers,
    workerVariable: WORKER_VARIABLE,
    logger,
    onReady: options.onReady,
    drainTimeoutMs: drainTimeoutS * 1000,
  });
  const onFirst = (signal: NodeJS.Signals) => {
    logger.info({ signal }, "draining the workers");
    primary.stop("SIGTERM");
  };
  const stop = signals(drainTimeoutS, onFirst, () => primary.kill());
  await primary.done;
  return await stop;
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
  // The terminal sends Ctrl-C to workers too; the primary alone decides what it means.
  process.on("SIGINT", () => undefined);
  const stop = new Promise<number>((resolve) => {
    const end = () => {
      endInTime(options.server.drainTimeoutS, 0);
      resolve(0);
    };
    process.once("SIGTERM", end);
    process.once("disconnect", end);
  });
  connect(link, server);
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

/**
 * Resolves with the exit code at the first SIGTERM or SIGINT; a second one ends the process at once.
 *
 * @param onSecond what else is to end with it
 */
function signals(
  drainTimeoutS: number,
  onFirst: (signal: NodeJS.Signals) => void,
  onSecond: () => void = () => undefined,
): Promise<number> {
  return new Promise((resolve) => {
    let heard = false;
    const hear = (signal: NodeJS.Signals) => {
      if (heard) {
        onSecond();
        endProcess(EXIT_CODES[signal] ?? 1);
      }
      heard = true;
      const code = signal === "SIGINT" ? EXIT_CODES.SIGINT! : 0;
      endInTime(drainTimeoutS, code);
      onFirst(signal);
      resolve(code);
    };
    process.on("SIGTERM", hear);
    process.on("SIGINT", hear);
  });
}

/** The promise of the drain timeout, should anything hold the orderly end up. */
function endInTime(drainTimeoutS: number, code: number): void {
  endAtTheLatestAfter(drainTimeoutS + END_AFTER_DRAIN_S);
  const margin = LOG_FLUSH_MS / 1000;
  setTimeout(() => endProcess(code), (drainTimeoutS + END_AFTER_DRAIN_S - margin) * 1000).unref();
}

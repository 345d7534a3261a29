/** One serving process: model, HTTP server, orderly end. */
import { randomBytes } from "node:crypto";
import type { FastifyBaseLogger } from "fastify";
import { SystemClock } from "../clock.js";
import { SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import { openModel } from "../host/open-model.js";
import type { EngineSettings } from "../host/settings.js";
import type { ResolveOptions } from "../models/resolve.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import { type App, type AppParts, createApp } from "./app.js";
import type { ServerSettings } from "./settings.js";

export interface ServeOptions extends Pick<AppParts, "metricsPage" | "backlogs"> {
  readonly engine: EngineSettings;
  readonly scheduler: SchedulerSettings;
  readonly server: ServerSettings;
  readonly logger: FastifyBaseLogger;
  /** This process's number among the workers, from 0. */
  readonly worker: number;
  readonly onProgress?: ResolveOptions["onProgress"];
}

export interface RunningServer {
  readonly url: string;
  readonly host: EngineHost;
  readonly app: App;
  /** Rejects with the reason when the engine host is lost; otherwise stays open. */
  readonly lost: Promise<never>;
  /**
   * Refuses new requests, lets the accepted ones end (up to `drainTimeoutS`), and closes. Calling it again changes
   * nothing.
   *
   * @returns whether every accepted request could end
   */
  drain(): Promise<boolean>;
}

/** What is wrong with the port; everything else is wrong with the address. */
const PORT_ERRORS: readonly string[] = ["EADDRINUSE", "EACCES"];

/** How long clients may take to read the last of their answers once everything has ended. */
const READ_GRACE_MS = 2000;
/** Past the drain timeout there is this much for the last words to clients and for the engine host to end. */
const LAST_WORDS_MS = 1000;

/**
 * Loads the model and listens.
 *
 * @throws SluiceError `usage` (a port in use among others), `model_unavailable`, `device_unavailable`
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const host = await openModel(options.engine, withQueueBounds(options), options.onProgress);
  let lose: (error: SluiceError) => void = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    lose = reject;
  });
  // Whoever waits for it hears of it; nobody has to.
  lost.catch(() => undefined);
  const { app, url } = await orClose(host, async () => {
    const app = createApp({
      ...options,
      host,
      settings: options.server,
      clock: new SystemClock(),
      startedAtS: Math.floor(Date.now() / 1000),
      idPrefix: randomBytes(6).toString("hex"),
      onHostLost: (error) => lose(error),
    });
    return { app, url: await listen(app, options.server) };
  });
  app.context.monitor.start();
  const watch = watchEngine(host, lose);
  let drained: Promise<boolean> | undefined;
  const drain = () => {
    clearInterval(watch);
    drained ??= drainServer(app, host, options.server.drainTimeoutS * 1000);
    return drained;
  };
  return { url, host, app, lost, drain };
}

/** The scheduler holds the same bounds as the door in front of it. */
function withQueueBounds({ scheduler, server }: ServeOptions): SchedulerSettings {
  const { maxNumQueuedReqs, maxNumQueuedTokens } = server;
  return { ...scheduler, maxNumQueuedReqs, maxNumQueuedTokens };
}

/** An engine that has not come to the end of a step for so many looks will not. Looks are counted, which pauses do not add to. */
const MAX_SILENT_LOOKS = 60;
const LOOK_MS = 10_000;

/** Loses an engine that is in a step without end. */
function watchEngine(host: EngineHost, lose: (error: SluiceError) => void): NodeJS.Timeout {
  let silentLooks = 0;
  const heard = () => {
    silentLooks = 0;
  };
  const look = () => {
    if (silentLooks === 0) host.stats().then(heard, heard);
    silentLooks += 1;
    if (silentLooks <= MAX_SILENT_LOOKS) return;
    const seconds = (MAX_SILENT_LOOKS * LOOK_MS) / 1000;
    lose(new SluiceError("engine_lost", `the engine has been in one step for ${seconds} s`));
  };
  return setInterval(look, LOOK_MS).unref();
}

/** Without a server nobody would end the engine host, and its thread keeps the process alive. */
async function orClose<T>(host: EngineHost, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function listen(app: App, { host: address, port }: ServerSettings): Promise<string> {
  try {
    return await app.http.listen({ host: address, port });
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const field = PORT_ERRORS.includes(code) ? "port" : "host";
    throw new SluiceError("usage", `cannot listen on ${address} port ${port}: ${message}; try another --${field}`, {
      field,
      cause: error,
    });
  }
}

/** Whatever clients and engine do, it takes `timeoutMs` and {@link LAST_WORDS_MS} at most. */
async function drainServer(app: App, host: EngineHost, timeoutMs: number): Promise<boolean> {
  const startMs = performance.now();
  app.context.admission.drain();
  const inTime = await within(host.drain(), timeoutMs);
  app.context.monitor.stop();
  const leftMs = startMs + timeoutMs + LAST_WORDS_MS - performance.now();
  // What is left fails with `shutting_down`, and its clients hear so.
  await Promise.all([within(host.close(), leftMs), closeConnections(app, Math.min(READ_GRACE_MS, leftMs))]);
  return inTime;
}

/** Lets clients read to the end, for so long, and ends all connections. */
async function closeConnections(app: App, graceMs: number): Promise<void> {
  if (await within(app.http.close(), graceMs)) return;
  app.http.server.closeAllConnections();
}

/** Whether a promise resolves in time. A rejection counts as an end too. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const ended = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, timeout]);
  clearTimeout(timer);
  return inTime;
}

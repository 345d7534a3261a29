/** Wires the HTTP server: one context, the routes, and what holds for every request. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import type { Clock } from "../clock.js";
import { ERRORS, type ErrorData, SluiceError } from "../errors.js";
import type { EngineHost } from "../host/client.js";
import { Random } from "../random.js";
import { Admission } from "./admission.js";
import { keyCheck } from "./auth.js";
import { ChatPrompts } from "./chat-prompt.js";
import type { ServerContext } from "./context.js";
import { eventRoutes, pageRoutes } from "./dashboard.js";
import type { Endpoint } from "./endpoints/endpoint.js";
import { ENDPOINTS, openApiEndpoint } from "./endpoints/registry.js";
import { errorBody, installErrorHandlers } from "./errors.js";
import { Grammars } from "./grammars.js";
import { statsOrNone } from "./host-stats.js";
import { ServerMetrics } from "./metrics.js";
import { type Backlog, Monitor } from "./monitor.js";
import { installPipelining } from "./pipelining.js";
import { checkModel } from "./plan.js";
import type { Outcome } from "./respond.js";
import type { ServerSettings } from "./settings.js";
import { StepFlusher } from "./sse.js";
import { type Trace, Traffic, type TrafficObserver } from "./traffic.js";
import { Turns } from "./turns.js";
import { parseBody } from "./validate.js";

declare module "fastify" {
  interface FastifyRequest {
    /** When its last byte had come, on the context's clock. */
    arrivalMs: number;
    /** What a generating request came to; set when it ends. */
    outcome: Outcome | undefined;
    /** Its prompts as text, made only when the log is to show them. */
    promptTexts: (() => readonly string[]) | undefined;
  }
}

export interface AppParts {
  readonly host: EngineHost;
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Wall-clock start, seconds since 1970. */
  readonly startedAtS: number;
  /** Unique per process; ids begin with it. */
  readonly idPrefix: string;
  /** This worker's number, from 0. */
  readonly worker: number;
  /** The metrics of all workers; only this one's unless given. */
  readonly metricsPage?: (() => Promise<string>) | undefined;
  /** What the dashboard shows at first, of all workers; only of this one unless given. */
  readonly backlogs?: (() => Promise<readonly Backlog[]>) | undefined;
  /** The engine host ended without being told to. */
  readonly onHostLost?: (error: SluiceError) => void;
}

export interface App {
  readonly http: FastifyInstance;
  readonly context: ServerContext;
}

/** The server without a port: `http.listen` or `http.inject` is up to the caller. */
export function createApp(parts: AppParts): App {
  const context = createContext(parts);
  const { settings } = parts;
  let requestCount = 0;
  const http = Fastify({
    loggerInstance: parts.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.maxBodyBytes,
    forceCloseConnections: "idle",
    // A client must send its headers and body in time; answers may take as long as they take.
    requestTimeout: 60_000,
    return503OnClosing: false,
    genReqId: (raw) => {
      requestCount += 1;
      return takenId(raw.headers["x-request-id"]) ?? `req-${parts.idPrefix}-${requestCount.toString(36)}`;
    },
    clientErrorHandler: (_error, socket) => {
      const error = new SluiceError("invalid_request", "This is not a valid HTTP request.");
      const body = JSON.stringify(errorBody(error));
      const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
      if (socket.writable) socket.write(`${head}\r\nconnection: close\r\n\r\n${body}`);
      socket.destroy();
    },
  });
  const parseJson = http.getDefaultJsonParser("error", "error");
  http.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    request.arrivalMs = context.clock.nowMs();
    void context.turns.next().then(() => parseJson(request, body as string, done));
  });
  installPipelining(http);
  http.decorateRequest("arrivalMs", Number.NaN);
  http.decorateRequest("outcome", undefined);
  http.decorateRequest("promptTexts", undefined);
  http.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    if (context.admission.draining) reply.header("connection", "close");
  });
  http.addHook("onResponse", async (request, reply) =>
    logRequest(request, reply.statusCode, reply.elapsedTime, settings),
  );
  installErrorHandlers(http, (request, error) => {
    context.metrics.refused(error);
    request.outcome = { error: error.code };
    if (error.code === "internal") request.log.error({ err: error.cause ?? error }, "request failed");
  });
  addRoutes(http, context);
  http.addHook("onClose", async () => {
    context.monitor.stop();
    context.grammars.close();
    context.metrics.close();
  });
  return { http, context };
}

function addRoutes(http: FastifyInstance, context: ServerContext): void {
  pageRoutes(http);
  const endpoints = [...ENDPOINTS, openApiEndpoint()];
  for (const endpoint of endpoints) if (endpoint.open) addEndpoint(http, endpoint, context);
  void http.register(async (guarded) => {
    const check = keyCheck(context.settings.apiKeys);
    guarded.addHook("onRequest", async (request) => check(request));
    for (const endpoint of endpoints) if (!endpoint.open) addEndpoint(guarded, endpoint, context);
    eventRoutes(guarded, context);
  });
}

function addEndpoint(http: FastifyInstance, endpoint: Endpoint, context: ServerContext): void {
  http.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const body = endpoint.body === undefined ? undefined : parseBody(endpoint.body, request.body);
      checkModel(context, (body as { model?: string } | undefined)?.model);
      return endpoint.answer({ context, body, arrivalMs: request.arrivalMs, request, reply });
    },
  });
}

function createContext(parts: AppParts): ServerContext {
  const { host, settings, clock } = parts;
  const [firstName = host.info.model, ...otherNames] = settings.servedModelNames;
  const admission = new Admission(host, settings);
  const metrics = new ServerMetrics({
    namespace: settings.metricsNamespace,
    modelName: firstName,
    engine: String(parts.worker),
    contextSize: host.info.contextSize,
  });
  const monitor = new Monitor({ host, clock, worker: parts.worker, onHostLost: parts.onHostLost });
  const drainRate: TrafficObserver = { started: (_trace, { nowMs }) => admission.started(nowMs) };
  const faults: TrafficObserver = { failed: (trace, { error }) => logFault(parts.logger, trace, error) };
  const chats = new ChatPrompts(host, settings);
  if (chats.note !== undefined) parts.logger.warn(chats.note);
  let idCount = 0;
  return {
    host,
    settings,
    clock,
    admission,
    metrics,
    monitor,
    traffic: new Traffic(host, [drainRate, faults, metrics, monitor]),
    flusher: new StepFlusher(),
    turns: new Turns(),
    chats,
    grammars: new Grammars(),
    seeds: new Random(settings.seed),
    modelNames: [firstName, ...otherNames],
    startedAtS: parts.startedAtS,
    newId: () => {
      idCount += 1;
      return `${parts.idPrefix}-${idCount.toString(36)}`;
    },
    backlogs: parts.backlogs ?? (async () => [monitor.backlog()]),
    metricsPage: parts.metricsPage ?? (async () => metrics.page(await statsOrNone(parts))),
  };
}

/** A client's own request id, if it is safe to repeat in headers and logs. */
function takenId(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && /^[\w.:/+=@-]{1,128}$/.test(header) ? header : undefined;
}

/** What failed on our side, also where the client was told in the middle of a stream. */
function logFault(logger: FastifyBaseLogger, trace: Trace, error: ErrorData): void {
  if (ERRORS[error.code].status !== 500) return;
  logger.error({ id: trace.id, code: error.code, reason: error.message }, "request failed in the engine");
}

/** One line a request; probes and pages only at debug level. */
function logRequest(request: FastifyRequest, status: number, elapsedMs: number, settings: ServerSettings): void {
  const line = {
    method: request.method,
    url: request.url.split("?", 1)[0],
    status,
    ms: Math.round(elapsedMs * 10) / 10,
    ...request.outcome,
    ...(settings.logPrompts && request.promptTexts !== undefined ? { prompts: request.promptTexts() } : {}),
  };
  if (request.method === "GET" && status < 400) request.log.debug(line, "request");
  else request.log.info(line, "request");
}

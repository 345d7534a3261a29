import { readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { SluiceError } from "../errors.js";
import type { ServerContext } from "./context.js";
import { type Description, SSE_TYPE } from "./endpoints/endpoint.js";
import { sendError } from "./errors.js";
import type { Backlog, Frame } from "./monitor.js";
import { SSE_HEADERS, sseFrame } from "./sse.js";

const WEB_FOLDER = fileURLToPath(new URL("../../web/", import.meta.url));
const MAX_VIEWERS = 16;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Nothing from elsewhere is loaded, and nobody may frame the page. */
const PAGE_HEADERS = {
  "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** `GET /`: the files of web/, read once. */
export function pageRoutes(app: FastifyInstance): void {
  for (const file of readdirSync(WEB_FOLDER)) {
    const type = TYPES[extname(file)];
    if (type === undefined) continue;
    const content = readFileSync(WEB_FOLDER + file);
    const path = file === "index.html" ? "/" : `/${file}`;
    app.get(path, (_request, reply) => reply.headers(PAGE_HEADERS).type(type).send(content));
  }
}

/** How the OpenAPI page tells of the feed. */
export const EVENTS: Description = {
  method: "GET",
  path: "/events",
  summary: "The dashboard's feed",
  answers: { [SSE_TYPE]: z.looseObject({ type: z.enum(["hello", "frame"]) }) },
};

/** `GET /events`: the backlog of every worker, then frames, two a second of each. A viewer that reads slowly misses some. */
export function eventRoutes(app: FastifyInstance, context: ServerContext): void {
  const { monitor, host } = context;
  const viewers = new Set<ServerResponse>();
  const { chatTemplate: _, ...info } = host.info;
  // Written once for all viewers.
  let newest: { readonly frame: Frame; readonly text: string } | undefined;
  const textOf = (frame: Frame) => {
    if (newest?.frame !== frame) newest = { frame, text: sseFrame(JSON.stringify({ type: "frame", ...frame })) };
    return newest.text;
  };
  app.get(EVENTS.path, async (_request, reply) => {
    if (monitor.viewers >= MAX_VIEWERS) {
      return sendError(reply, new SluiceError("queue_full", "Too many dashboards watch already.", { retryAfterS: 10 }));
    }
    reply.hijack();
    const raw = reply.raw;
    raw.writeHead(200, SSE_HEADERS);
    raw.flushHeaders();
    // Frames that come in before the backlogs do are newer than some of those, and wait for them.
    let early: Frame[] | undefined = [];
    const stop = monitor.watch((frame) => {
      if (early !== undefined) early.push(frame);
      else if (!raw.writableNeedDrain) raw.write(textOf(frame));
    });
    viewers.add(raw);
    raw.once("close", () => {
      stop();
      viewers.delete(raw);
    });
    const backlogs = await context.backlogs();
    if (!raw.writable) return reply;
    raw.write(sseFrame(JSON.stringify({ type: "hello", model: context.modelNames[0], info, backlogs })));
    for (const frame of early) if (isNews(frame, backlogs)) raw.write(textOf(frame));
    early = undefined;
    return reply;
  });
  // A page that somebody left open must not hold up the server's end.
  app.addHook("preClose", async () => {
    for (const viewer of viewers) viewer.end();
  });
}

/** Whether a frame tells what its worker's backlog does not. */
function isNews({ worker, nowMs }: Frame, backlogs: readonly Backlog[]): boolean {
  const known = backlogs.find((backlog) => backlog.worker === worker)?.history.at(-1);
  return known === undefined || nowMs > known.nowMs;
}

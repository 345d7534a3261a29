import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { SluiceError } from "../../errors.js";
import type { ServerContext } from "../context.js";
import type { Frame } from "../monitor.js";
import { SSE_HEADERS, sseFrame } from "../sse.js";

const WEB_FOLDER = fileURLToPath(new URL("../../../web/", import.meta.url));
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

/** `GET /events`: a backlog, then a frame twice a second. A viewer that reads slowly misses frames. */
export function eventRoutes(app: FastifyInstance, context: ServerContext): void {
  const { monitor, host } = context;
  app.get("/events", (_request, reply) => {
    if (monitor.viewers >= MAX_VIEWERS) {
      throw new SluiceError("queue_full", `${MAX_VIEWERS} dashboards watch already.`, { retryAfterS: 10 });
    }
    reply.hijack();
    const raw = reply.raw;
    raw.writeHead(200, SSE_HEADERS);
    const { info } = host;
    const hello = { type: "hello", model: context.modelNames[0], info, ...monitor.backlog() };
    raw.write(sseFrame(JSON.stringify({ ...hello, info: { ...info, chatTemplate: undefined } })));
    const stop = monitor.watch((frame) => {
      if (!raw.writableNeedDrain) raw.write(frameText(frame));
    });
    raw.once("close", stop);
  });
}

const texts = new WeakMap<Frame, string>();

/** Written once for all viewers. */
function frameText(frame: Frame): string {
  const known = texts.get(frame);
  if (known !== undefined) return known;
  const text = sseFrame(JSON.stringify({ type: "frame", ...frame }));
  texts.set(frame, text);
  return text;
}

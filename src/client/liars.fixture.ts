/** Servers that answer what no honest one would, and honest ones that look odd: one behaviour a path. */

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";

/** Answers one request. */
export type Behaviour = (socket: Socket, request: string) => void;

export const JSON_TYPE = "content-type: application/json";
export const SSE_TYPE = "content-type: text/event-stream";
export const DONE = "data: [DONE]\n\n";

/** A whole answer of a known length. */
export function whole(body: string | Buffer, headers = JSON_TYPE, status = "200 OK"): Behaviour {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\ncontent-length: ${bytes.length}\r\n\r\n`);
    socket.write(bytes);
  };
}

/** These bytes and no more; the connection stays open. */
export function raw(text: string): Behaviour {
  return (socket) => void socket.write(text);
}

/** These bytes, then the connection ends well. */
export function rawThenEnd(text: string): Behaviour {
  return (socket) => void socket.end(text);
}

/** These bytes, then the connection breaks. */
export function rawThenReset(text: string): Behaviour {
  return (socket) => void socket.write(text, () => setImmediate(() => socket.resetAndDestroy()));
}

export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const chunkedHead = (type = SSE_TYPE): string =>
  `HTTP/1.1 200 OK\r\n${type}\r\ntransfer-encoding: chunked\r\n\r\n`;

/** An event stream, each event a chunk. */
export function events(...frames: string[]): Behaviour {
  return raw(`${chunkedHead()}${frames.map(chunk).join("")}0\r\n\r\n`);
}

/** The same head, then `piece` again and again for as long as anybody reads. */
export function endless(head: string, piece: string): Behaviour {
  return (socket) => {
    socket.write(head);
    const go = (): void => {
      while (!socket.destroyed && socket.write(piece));
      if (!socket.destroyed) socket.once("drain", go);
    };
    go();
  };
}

/** `head`, then a byte of `text` every few milliseconds, from the beginning again at its end. */
export function drip(head: string, text: string, everyMs = 5): Behaviour {
  return (socket) => {
    socket.write(head);
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), everyMs);
    socket.once("close", () => clearInterval(timer));
  };
}

export const text = (words: string, finishReason?: string): string =>
  `data: ${JSON.stringify({ choices: [{ text: words, finish_reason: finishReason ?? null }] })}\n\n`;
export const delta = (fields: object): string => `data: ${JSON.stringify({ choices: [{ delta: fields }] })}\n\n`;
export const usage = (completionTokens: unknown, promptTokens: unknown = 2): string =>
  `data: {"choices":[],"usage":{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens}}}\n\n`;

export interface LiarsServer {
  /** Where a behaviour is reached: `${url}/NAME/v1/completions`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves every behaviour at its name; `/NAME/v1/models` lists a model for all of them. */
export async function startLiars(behaviours: Readonly<Record<string, Behaviour>>): Promise<LiarsServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let pending = "";
    socket.on("data", (data) => {
      pending += data.toString();
      const end = pending.indexOf("\r\n\r\n");
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(pending)?.[1] ?? 0);
      if (end < 0 || Buffer.byteLength(pending) < end + 4 + length) return;
      const request = pending;
      pending = "";
      const [, name = "", path] = /^\S+ \/([^/]+)(\S*)/.exec(request) ?? [];
      if (path === "/v1/models") whole('{"data":[{"id":"liar"}]}')(socket, request);
      else behaviours[decodeURIComponent(name)]?.(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

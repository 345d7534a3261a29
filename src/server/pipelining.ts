import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** The most requests that may wait on a connection; nobody who needs answers sends that many ahead. */
const MAX_PIPELINED = 32;

/**
 * Requests that a client sends without waiting for the answers (pipelining) start one after another, as they are answered.
 * Started together they would take the slots of thirty clients, and those behind the first would not hear when the
 * connection closes: Node tells the one that is being answered. Those that wait when it closes never start, and a client
 * that sends too far ahead is cut off.
 */
export function installPipelining(http: FastifyInstance): void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>();
  http.addHook("onRequest", (request, reply, start) => {
    const { raw } = reply;
    // A response gets the socket when its turn has come.
    if (raw.socket !== null) return start();
    const { socket } = request.raw;
    const line = waiting.get(socket) ?? new Set();
    waiting.set(socket, line);
    line.add(raw);
    if (line.size > MAX_PIPELINED) socket.destroy();
    raw.once("socket", () => {
      line.delete(raw);
      start();
    });
  });
}

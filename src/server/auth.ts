import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { SluiceError } from "../errors.js";

/**
 * A check of the `Authorization: Bearer` header (or `X-API-Key`). It compares digests of equal length and looks at every
 * key, so that its duration says nothing about how much of a key was right.
 *
 * @throws SluiceError `usage` for a key that no header can carry; `unauthorized` from the returned function, which with no
 * keys lets everyone pass
 */
export function keyCheck(apiKeys: readonly string[]): (request: FastifyRequest) => void {
  for (const key of apiKeys) checkKey(key);
  const digests = apiKeys.map(digest);
  return (request) => {
    if (digests.length === 0) return;
    const given = digest(keyOf(request));
    let known = false;
    for (const expected of digests) known = timingSafeEqual(given, expected) || known;
    if (!known) {
      throw new SluiceError("unauthorized", "The API key is missing or wrong; send Authorization: Bearer <key>.");
    }
  };
}

/** An empty key is what a request without one sends; space around a key is lost on the way. */
function checkKey(key: string): void {
  if (key !== "" && key === key.trim()) return;
  throw new SluiceError("usage", "an API key is empty or has space around it, which no client can send", {
    field: "api-key",
  });
}

function keyOf(request: FastifyRequest): string {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "");
  if (bearer !== null) return bearer[1]!;
  const header = request.headers["x-api-key"];
  return typeof header === "string" ? header : "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

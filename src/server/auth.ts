import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { SluiceError } from "../errors.js";

/**
 * A check of the `Authorization: Bearer` header (or `X-API-Key`). It compares digests of equal length and looks at every
 * key, so that its duration says nothing about how much of a key was right.
 *
 * @throws SluiceError `unauthorized` from the returned function; with no keys it lets everyone pass
 */
export function keyCheck(apiKeys: readonly string[]): (request: FastifyRequest) => void {
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

function keyOf(request: FastifyRequest): string {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "");
  if (bearer !== null) return bearer[1]!;
  const header = request.headers["x-api-key"];
  return typeof header === "string" ? header : "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

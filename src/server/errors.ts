/** Errors as clients see them: OpenAI's shape, whatever went wrong. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, SluiceError } from "../errors.js";

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: ErrorCode };
}

/** OpenAI's error object. */
export function errorBody(error: SluiceError): ErrorBody {
  return {
    error: { message: error.message, type: errorType(error.status), param: error.field || null, code: error.code },
  };
}

function errorType(status: number): string {
  if (status === 401) return "authentication_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** Status, headers and body for an error that happens before the answer began. */
export function sendError(reply: FastifyReply, error: SluiceError): FastifyReply {
  if (error.retryAfterS !== undefined) reply.header("retry-after", String(error.retryAfterS));
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(error.status).send(errorBody(error));
}

/** Called with every error that is answered, for metrics and the log. */
export type ErrorListener = (request: FastifyRequest, error: SluiceError) => void;

/** Gives every failure of the app OpenAI's error shape: thrown errors, fastify's own, unknown paths and methods. */
export function installErrorHandlers(app: FastifyInstance, onError: ErrorListener): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = fromThrown(thrown, app.initialConfig.bodyLimit);
    onError(request, error);
    return sendError(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const error = notFound(app, request, reply);
    onError(request, error);
    return sendError(reply, error);
  });
}

/** Fastify's error codes that are the client's doing. */
const CLIENT_ERRORS: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["unsupported_media_type", "Send the body as application/json."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["invalid_request", "The body is empty; send a JSON object."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["invalid_request", "The body is shorter or longer than its Content-Length."],
};

function fromThrown(thrown: unknown, maxBodyBytes: number | undefined): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const { code, statusCode, message } = thrown as { code?: string; statusCode?: number; message?: string };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new SluiceError("payload_too_large", `The body is larger than the ${maxBodyBytes} bytes that are accepted.`);
  }
  const known = CLIENT_ERRORS[code ?? ""];
  if (known !== undefined) return new SluiceError(...known);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new SluiceError("invalid_request", `The request cannot be read: ${message ?? "malformed"}`);
  }
  // What went wrong inside is for the log, not for strangers.
  return new SluiceError("internal", "The server failed on this request; its log says why.", { cause: thrown });
}

const METHODS = ["GET", "POST"] as const;

function notFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): SluiceError {
  const path = request.url.split("?", 1)[0] ?? request.url;
  const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  if (allowed.length === 0) return new SluiceError("not_found", `There is nothing at ${path.slice(0, 200)}.`);
  reply.header("allow", allowed.join(", "));
  return new SluiceError("method_not_allowed", `${path} takes ${allowed.join(" or ")}, not ${request.method}.`);
}

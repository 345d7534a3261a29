import { HubApiError } from "@huggingface/hub";
import { SluiceError } from "../../errors.js";

/** True where the hub did not answer at all, so that asking again, or using what is cached, makes sense. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof HubApiError) return error.statusCode >= 500;
  return error instanceof TypeError && error.cause !== undefined;
}

/** What went wrong with the hub, as one clear line. */
export function hubFailure(repo: string, hubUrl: string, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  return new SluiceError("model_unavailable", `hf:${repo}: ${reason(hubUrl, error)}`, { cause: error });
}

function reason(hubUrl: string, error: unknown): string {
  if (error instanceof HubApiError) {
    switch (error.statusCode) {
      case 401:
      case 403:
        return `${hubUrl} refuses it (HTTP ${error.statusCode}): check the name, and for a private or gated model set HF_TOKEN to a token that may read it`;
      case 404:
        return `there is no such model on ${hubUrl} (HTTP 404); check the name`;
      default:
        return `${hubUrl} answered with HTTP ${error.statusCode}; try again later`;
    }
  }
  if (isUnreachable(error)) {
    const cause = (error as Error).cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    return `cannot reach ${hubUrl} (${code}); check the network, or set HF_ENDPOINT to a mirror`;
  }
  return `the download from ${hubUrl} failed: ${error instanceof Error ? error.message : String(error)}`;
}

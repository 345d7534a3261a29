import { SluiceError } from "../errors.js";

/** The APIs that the client speaks. */
export type Api = "completions" | "chat" | "generate" | "correct";

export interface Endpoint {
  readonly api: Api;
  /** Where requests go. */
  readonly url: URL;
  /** Where the server lists its models. */
  readonly modelsUrl: URL;
}

const PATHS: readonly { readonly suffix: string; readonly api: Api }[] = [
  { suffix: "/chat/completions", api: "chat" },
  { suffix: "/completions", api: "completions" },
  { suffix: "/generate", api: "generate" },
  { suffix: "/correct", api: "correct" },
];

/**
 * What a URL means: the path says which API; a server's root, or its `/v1`, means `/v1/completions`.
 *
 * @throws SluiceError `usage`
 */
export function parseEndpoint(text: string, option: string): Endpoint {
  const url = parseUrl(text, option);
  const path = url.pathname.replace(/\/+$/, "");
  const found = PATHS.find(({ suffix }) => path.endsWith(suffix));
  const prefix = found ? path.slice(0, -found.suffix.length) : path.endsWith("/v1") ? path : `${path}/v1`;
  const target = new URL(url);
  target.pathname = found ? path : `${prefix}/completions`;
  const modelsUrl = new URL(url);
  modelsUrl.pathname = prefix.endsWith("/v1") ? `${prefix}/models` : `${prefix}/v1/models`;
  return { api: found?.api ?? "completions", url: target, modelsUrl };
}

function parseUrl(text: string, option: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new SluiceError("usage", `${option} must be an http:// or https:// URL, got "${text}"`);
}

/** What the HTTP side of the server can be told. Engine and scheduler have their own settings. */
export interface ServerSettings {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Any of these opens the guarded endpoints; empty: no key is asked for. */
  apiKeys: readonly string[];
  /** Names that requests may use for the model; the first one is shown. Empty: the model's own spelling. */
  servedModelNames: readonly string[];
  /** A chat template (Jinja) that replaces the model's own; undefined: the model's own. */
  chatTemplate: string | undefined;
  /** The most requests that may wait; kept equal to the scheduler's bound. */
  maxNumQueuedReqs: number;
  /** The most prompt tokens that may wait. */
  maxNumQueuedTokens: number;
  /** Bodies larger than this get 413. */
  maxBodyBytes: number;
  /** Bytes that may pile up for a client that reads slowly; past it, its request is cancelled. */
  maxStreamBufferBytes: number;
  /** How long a draining server waits for accepted requests. */
  drainTimeoutS: number;
  /** Write prompt text to the log. */
  logPrompts: boolean;
  /** Prefix of the Prometheus metrics: `sluice` or `vllm`. */
  metricsNamespace: string;
  /** Seeds of requests that bring none are drawn from this one. */
  seed: number;
}

/** The one place of these defaults. */
export const DEFAULT_SERVER: Readonly<ServerSettings> = {
  host: "127.0.0.1",
  port: 8000,
  apiKeys: [],
  servedModelNames: [],
  chatTemplate: undefined,
  maxNumQueuedReqs: 1024,
  maxNumQueuedTokens: Number.POSITIVE_INFINITY,
  maxBodyBytes: 1024 * 1024,
  maxStreamBufferBytes: 256 * 1024,
  drainTimeoutS: 30,
  logPrompts: false,
  metricsNamespace: "sluice",
  seed: 0,
};

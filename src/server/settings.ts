import { choice, count, defaultsOf, flag, type OptionValues, share, text, texts } from "../options.js";
import { SCHEDULER_OPTIONS } from "../scheduler/settings.js";

const KIB = 1024;
/** Timers cannot count weeks: they would end at once. */
const DAY_S = 86_400;

/**
 * What can be set of the HTTP side of the server: the one place of names, defaults, ranges and help. Engine and scheduler
 * have their own.
 */
export const SERVER_OPTIONS = {
  host: { ...text("127.0.0.1", "address to listen on; 0.0.0.0: all of them"), argument: "address" },
  port: { ...count(8000, 0, 65_535, "0: any free one"), argument: "port" },
  apiKeys: {
    ...texts("ask clients for one of these keys"),
    flag: "api-key",
    argument: "key",
    variable: "SLUICE_API_KEY",
  },
  servedModelNames: {
    ...texts("what clients call the model; the first is shown (default: as --model)"),
    flag: "served-model-name",
    argument: "name",
  },
  chatTemplate: { ...text(undefined, "a Jinja template instead of the model's own"), argument: "file" },
  maxBodyBytes: {
    ...count(1024 * KIB, KIB, Number.MAX_SAFE_INTEGER, "larger request bodies get 413"),
    flag: "max-body",
    argument: "KiB",
    flagUnit: KIB,
  },
  maxStreamBufferBytes: {
    ...count(
      256 * KIB,
      KIB,
      Number.MAX_SAFE_INTEGER,
      "what may pile up for a slow reader; past it, its request is cancelled",
    ),
    flag: "stream-buffer",
    argument: "KiB",
    flagUnit: KIB,
  },
  drainTimeoutS: {
    ...share(30, "how long SIGTERM waits for accepted requests"),
    max: DAY_S,
    flag: "drain-timeout",
    argument: "s",
  },
  metricsNamespace: {
    ...text("sluice", "prefix of the metrics; vllm: as vLLM's"),
    argument: "name",
  },
  seed: count(0, 0, 2 ** 31 - 1, "seeds of requests without one"),
  logPrompts: flag(false, "write prompts to the log"),
} as const;

/** What can be set of the processes that serve. */
export const PROCESS_OPTIONS = {
  workers: count(1, 1, 64, "processes behind the port, each with the model"),
  logLevel: {
    ...choice("info", ["fatal", "error", "warn", "info", "debug", "silent"], "how much is logged"),
    argument: "level",
  },
} as const;

/** The door in front of the queue holds the scheduler's own bounds. */
const QUEUE_BOUNDS = {
  maxNumQueuedReqs: SCHEDULER_OPTIONS.maxNumQueuedReqs,
  maxNumQueuedTokens: SCHEDULER_OPTIONS.maxNumQueuedTokens,
};

export type ServerSettings = OptionValues<typeof SERVER_OPTIONS & typeof QUEUE_BOUNDS>;

export const DEFAULT_SERVER: Readonly<ServerSettings> = defaultsOf({ ...SERVER_OPTIONS, ...QUEUE_BOUNDS });

import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { threadCount } from "../../engine/llama/thread-pool.js";
import { SluiceError } from "../../errors.js";
import { resolveVariants } from "../../experiment/variant.js";
import { endProcess } from "../../server/process-end.js";
import { type RunOptions, runServer } from "../../server/run.js";
import { DEFAULT_SERVER, type ServerSettings } from "../../server/settings.js";
import { showModel } from "../observe.js";
import { addEngineOptions, type EngineFlags, engineSettings } from "../options/engine.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { number, oneOf, wholeNumber } from "../values.js";

const DEFAULT_MODEL = "tutor";
const DEFAULT_SCHEDULER_NAME = "continuous";
const DEFAULT_LOG_LEVEL = "info";
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;
const KIB = 1024;
/** How long the process may take to end by itself. */
const LEFTOVERS_MS = 250;

interface ServeFlags extends EngineFlags, SchedulerFlags {
  scheduler?: string;
  host?: string;
  port?: number;
  workers?: number;
  apiKey?: string[];
  servedModelName?: string[];
  chatTemplate?: string;
  streamBuffer?: number;
  drainTimeout?: number;
  metricsNamespace?: string;
  seed?: number;
  logPrompts?: boolean;
  logLevel?: (typeof LOG_LEVELS)[number];
  quiet?: boolean;
}

const EXAMPLES = `
Examples:
  sluice serve                                       the tutor model at http://127.0.0.1:8000, dashboard included
  sluice serve --model standin:gpt2 --max-num-seqs 16 --order fair
  sluice serve --host 0.0.0.0 --api-key "$KEY" --metrics-namespace vllm
`;

/** `sluice serve`. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .description("Serve a model over HTTP with OpenAI's API, a bounded queue, metrics and a live dashboard.")
    .option("--scheduler <name>", `a scheduler, or a policy file (default: ${DEFAULT_SCHEDULER_NAME})`);
  addServerOptions(command);
  addSchedulerOptions(addEngineOptions(command, DEFAULT_MODEL));
  return command.addHelpText("after", EXAMPLES).action(async (flags: ServeFlags) => {
    process.exitCode = await serve(flags, command);
  });
}

function addServerOptions(command: Command): void {
  const d = DEFAULT_SERVER;
  command
    .option("--host <address>", `address to listen on; 0.0.0.0: all of them (default: ${d.host})`)
    .option("--port <port>", `0: any free one (default: ${d.port})`, wholeNumber("--port", 0, 65_535))
    .option(
      "--workers <n>",
      "processes behind the port, each with the model (default: 1)",
      wholeNumber("--workers", 1, 64),
    )
    .addOption(new Option("--api-key <key...>", "ask clients for one of these keys").env("SLUICE_API_KEY"))
    .option("--served-model-name <name...>", "what clients call the model (default: as --model)")
    .option("--chat-template <file>", "a Jinja template instead of the model's own")
    .option(
      "--stream-buffer <KiB>",
      `what may pile up for a slow reader (default: ${d.maxStreamBufferBytes / KIB})`,
      wholeNumber("--stream-buffer", 1),
    )
    .option(
      "--drain-timeout <s>",
      `how long SIGTERM waits for accepted requests (default: ${d.drainTimeoutS})`,
      number("--drain-timeout", 0),
    )
    .option("--metrics-namespace <name>", `prefix of the metrics; vllm: as vLLM's (default: ${d.metricsNamespace})`)
    .option("--seed <n>", `seeds of requests without one (default: ${d.seed})`, wholeNumber("--seed", 0, 2 ** 31 - 1))
    .option("--log-prompts", "write prompts to the log")
    .option(
      "--log-level <level>",
      `${LOG_LEVELS.join("|")} (default: ${DEFAULT_LOG_LEVEL})`,
      oneOf("--log-level", LOG_LEVELS),
    )
    .option("--quiet", "no progress while the model is fetched");
}

async function serve(flags: ServeFlags, command: Command): Promise<number> {
  const workers = flags.workers ?? 1;
  const variant = await chosenSetup(flags, command);
  const engine = engineSettings(flags, DEFAULT_MODEL);
  const model = showModel(flags.quiet ?? false);
  const options: RunOptions = {
    engine: { ...engine, slots: engine.slots || variant.maxSequences, threads: threadCount(engine.threads, workers) },
    scheduler: variant.settings,
    server: await serverSettings(flags),
    workers,
    logLevel: flags.logLevel ?? DEFAULT_LOG_LEVEL,
    onProgress: model.onProgress,
    onReady: (url) => {
      model.stop();
      const copies = workers > 1 ? ` in ${workers} processes` : "";
      process.stderr.write(`sluice: ${engine.model} is served at ${url}${copies} (${variant.label}); Ctrl-C ends it\n`);
    },
  };
  try {
    return await runServer(options);
  } finally {
    model.stop();
    // A log that nobody reads, or an engine in a step that never ends, would keep a process that has done its work.
    setTimeout(() => endProcess(Number(process.exitCode ?? 0)), LEFTOVERS_MS).unref();
  }
}

async function chosenSetup(flags: ServeFlags, command: Command) {
  const { given, optional } = policyOptions(command);
  const variants = await resolveVariants({
    entries: [{ name: flags.scheduler ?? DEFAULT_SCHEDULER_NAME, options: {} }],
    options: given,
    optionalOptions: optional,
    scheduler: schedulerSettings(flags),
    concurrency: Number.POSITIVE_INFINITY,
  });
  const { settings, ...variant } = variants[0]!;
  if (settings === undefined)
    throw new SluiceError(
      "usage",
      `--scheduler ${flags.scheduler} stands for a server that runs elsewhere; name one that runs here, such as ${DEFAULT_SCHEDULER_NAME}`,
    );
  return { ...variant, settings };
}

async function serverSettings(flags: ServeFlags): Promise<ServerSettings> {
  const { maxNumQueuedReqs, maxNumQueuedTokens } = schedulerSettings(flags);
  const metricsNamespace = flags.metricsNamespace ?? DEFAULT_SERVER.metricsNamespace;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(metricsNamespace)) {
    throw new SluiceError("usage", `--metrics-namespace must be letters, digits and _, got "${metricsNamespace}"`);
  }
  return {
    ...DEFAULT_SERVER,
    host: flags.host ?? DEFAULT_SERVER.host,
    port: flags.port ?? DEFAULT_SERVER.port,
    apiKeys: [flags.apiKey ?? []].flat(),
    servedModelNames: flags.servedModelName ?? [],
    chatTemplate: flags.chatTemplate === undefined ? undefined : await readTemplate(flags.chatTemplate),
    maxNumQueuedReqs,
    maxNumQueuedTokens,
    maxStreamBufferBytes: (flags.streamBuffer ?? DEFAULT_SERVER.maxStreamBufferBytes / KIB) * KIB,
    drainTimeoutS: flags.drainTimeout ?? DEFAULT_SERVER.drainTimeoutS,
    logPrompts: flags.logPrompts ?? DEFAULT_SERVER.logPrompts,
    metricsNamespace,
    seed: flags.seed ?? DEFAULT_SERVER.seed,
  };
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("usage", `--chat-template: ${path} cannot be read: ${reason}`, { cause });
  }
}

import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { threadCount } from "../../engine/llama/thread-pool.js";
import { SluiceError } from "../../errors.js";
import { resolveVariants } from "../../experiment/variant.js";
import { DEFAULT_SCHEDULER, type SchedulerSettings } from "../../scheduler/settings.js";
import { endProcess } from "../../server/process-end.js";
import { type RunOptions, runServer } from "../../server/run.js";
import { PROCESS_OPTIONS, SERVER_OPTIONS, type ServerSettings } from "../../server/settings.js";
import { showModel } from "../observe.js";
import { addEngineOptions, engineSettings } from "../options/engine.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { addSettings, settingsOf } from "../options/settings.js";

const DEFAULT_MODEL = "tutor";
/** How long the process may take to end by itself. */
const LEFTOVERS_MS = 250;

interface ServeFlags extends SchedulerFlags {
  readonly scheduler?: string;
  readonly quiet?: boolean;
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
    .option("--scheduler <name>", `a scheduler, or a policy file (default: ${DEFAULT_SCHEDULER.policy})`);
  addSettings(addSettings(command, SERVER_OPTIONS), PROCESS_OPTIONS);
  command.option("--quiet", "no progress while the model is fetched");
  addSchedulerOptions(addEngineOptions(command, DEFAULT_MODEL));
  return command.addHelpText("after", EXAMPLES).action(async (flags: ServeFlags) => {
    process.exitCode = await serve(flags, command);
  });
}

async function serve(flags: ServeFlags, command: Command): Promise<number> {
  const { workers, logLevel } = settingsOf(flags, PROCESS_OPTIONS);
  const variant = await chosenSetup(flags, command);
  const engine = engineSettings(flags, DEFAULT_MODEL);
  const model = showModel(flags.quiet ?? false);
  const options: RunOptions = {
    engine: { ...engine, threads: threadCount(engine.threads, workers) },
    scheduler: variant.settings,
    server: await serverSettings(flags, variant.settings),
    workers,
    logLevel,
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
    entries: [{ name: flags.scheduler ?? DEFAULT_SCHEDULER.policy, options: {} }],
    options: given,
    optionalOptions: optional,
    scheduler: schedulerSettings(flags),
    concurrency: Number.POSITIVE_INFINITY,
  });
  const { settings, ...variant } = variants[0]!;
  if (settings === undefined)
    throw new SluiceError(
      "usage",
      `--scheduler ${flags.scheduler} stands for a server that runs elsewhere; name one that runs here, such as ${DEFAULT_SCHEDULER.policy}`,
    );
  return { ...variant, settings };
}

async function serverSettings(flags: ServeFlags, scheduler: SchedulerSettings): Promise<ServerSettings> {
  const { chatTemplate, ...settings } = settingsOf(flags, SERVER_OPTIONS);
  const { metricsNamespace } = settings;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(metricsNamespace)) {
    throw new SluiceError("usage", `--metrics-namespace must be letters, digits and _, got "${metricsNamespace}"`);
  }
  const { maxNumQueuedReqs, maxNumQueuedTokens } = scheduler;
  const template = chatTemplate === undefined ? undefined : await readTemplate(chatTemplate);
  return { ...settings, chatTemplate: template, maxNumQueuedReqs, maxNumQueuedTokens };
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("usage", `--chat-template: ${path} cannot be read: ${reason}`, { cause });
  }
}

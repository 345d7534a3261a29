import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import { parseSchedulers, resolveVariants } from "../../experiment/variant.js";
import type { Completion } from "../../host/collector.js";
import type { RequestOptions } from "../../host/request.js";
import { duration } from "../../report/figures.js";
import { DEFAULT_MAX_TOKENS } from "../../scheduler/request.js";
import { DEFAULT_SCHEDULER } from "../../scheduler/settings.js";
import { Sluice } from "../../sluice.js";
import { BatchPrinter } from "../batch-printer.js";
import { interruptible } from "../interrupt.js";
import { showModel } from "../observe.js";
import { addEngineOptions, engineSettings } from "../options/engine.js";
import { addSamplingOptions, drawing, type SamplingFlags } from "../options/sampling.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { wholeNumber } from "../values.js";

interface GenerateFlags extends SchedulerFlags, SamplingFlags {
  scheduler?: string;
  seed?: number;
  ignoreEos?: boolean;
  stream?: boolean;
  quiet?: boolean;
}

const EXAMPLES = `
Examples:
  sluice generate "Once upon a time" "The three most common causes of slow queries are"
  sluice generate --stream --model path/to/model.gguf "Explain batching in one sentence."
  sluice generate --scheduler naive --batch-size 3 < prompts.txt`;

/** `sluice generate` */
export function generateCommand(): Command {
  const command = new Command("generate")
    .description("run prompts (or stdin, one a line) through a scheduler and print each batch as it ends")
    .argument("[prompts...]", "prompts; none: one a line from stdin")
    .option("--scheduler <name>", `a scheduler or a policy file (default: ${DEFAULT_SCHEDULER.policy})`);
  addSamplingOptions(command)
    .option("--seed <n>", "the same seed gives the same text (default: another each time)", wholeNumber("--seed", 0))
    .option("--ignore-eos", "go on to --max-tokens whatever the model says")
    .optionsGroup("Output:")
    .option("--stream", "print tokens as they come, one prompt after the other")
    .option("--quiet", "the texts alone");
  addSchedulerOptions(addEngineOptions(command));
  return command
    .addHelpText("after", EXAMPLES)
    .action((prompts: string[], flags: GenerateFlags) => generate(prompts, flags, command));
}

async function generate(given: readonly string[], flags: GenerateFlags, command: Command): Promise<void> {
  const prompts = given.length > 0 ? given : await promptsFromStdin();
  const { given: options, optional: optionalOptions } = policyOptions(command);
  const [variant] = await resolveVariants({
    entries: parseSchedulers([flags.scheduler ?? DEFAULT_SCHEDULER.policy]),
    options,
    optionalOptions,
    scheduler: schedulerSettings(flags),
    concurrency: Number.POSITIVE_INFINITY,
  });
  if (!variant?.settings)
    throw new SluiceError("usage", "--scheduler: generate runs a scheduler of its own, not a server");
  const model = showModel(flags.quiet ?? false);
  const sluice = await Sluice.open({
    ...engineSettings(flags),
    ...variant.settings,
    onProgress: model.onProgress,
  }).finally(model.stop);
  try {
    await interruptible((signal) => run(sluice, prompts, flags, signal));
  } finally {
    await sluice.shutdown();
  }
}

async function run(
  sluice: Sluice,
  prompts: readonly string[],
  flags: GenerateFlags,
  signal: AbortSignal,
): Promise<void> {
  const requests = prompts.map((prompt, index) => ({ prompt, options: requestOptions(flags, index) }));
  signal.addEventListener("abort", () => {
    for (const { options } of requests) sluice.cancel(options.id);
  });
  if (flags.stream) return stream(sluice, requests);
  const printer = new BatchPrinter((text) => process.stdout.write(text), flags.quiet ?? false);
  const pending = requests.map(({ prompt, options }) =>
    sluice.addRequest(prompt, options).then((completion) => printer.add(prompt, completion)),
  );
  // No more prompts will come: a batch that is not full may start.
  sluice.flush();
  await Promise.all(pending).finally(() => printer.end());
}

interface NamedRequest {
  readonly prompt: string;
  readonly options: RequestOptions & { readonly id: string };
}

/** All run at once; each is printed as it comes when its turn has come. */
async function stream(sluice: Sluice, requests: readonly NamedRequest[]): Promise<void> {
  const outputs = requests.map(({ prompt, options }) => ({
    prompt,
    tokens: buffered(sluice.generate(prompt, options)),
  }));
  sluice.flush();
  for (const { prompt, tokens } of outputs) {
    process.stdout.write(`${prompt}`);
    let result = await tokens.next();
    for (; !result.done; result = await tokens.next()) process.stdout.write(result.value.text);
    process.stdout.write(`\n  [${ending(result.value)}]\n\n`);
  }
}

/** Starts a generator at once instead of when its first value is asked for. */
function buffered<T, R>(generator: AsyncGenerator<T, R>): { next(): Promise<IteratorResult<T, R>> } {
  let first: Promise<IteratorResult<T, R>> | undefined = generator.next();
  first.catch(() => {});
  return {
    next: () => {
      const next = first ?? generator.next();
      first = undefined;
      return next;
    },
  };
}

function ending(completion: Completion): string {
  return `${completion.completionTokens} tokens in ${duration(completion.latencyMs)}, ${completion.finishReason}`;
}

function requestOptions(flags: GenerateFlags, index: number): NamedRequest["options"] {
  return {
    id: `prompt-${index + 1}`,
    maxTokens: flags.maxTokens ?? DEFAULT_MAX_TOKENS,
    ...drawing(flags),
    ignoreEos: flags.ignoreEos ?? false,
    ...(flags.seed === undefined ? {} : { seed: flags.seed + index }),
  };
}

async function promptsFromStdin(): Promise<string[]> {
  if (process.stdin.isTTY) throw new SluiceError("usage", 'generate needs prompts: sluice generate "Once upon a time"');
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  const prompts = Buffer.concat(pieces)
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  if (prompts.length > 0) return prompts;
  throw new SluiceError("usage", "stdin holds no prompts: one a line");
}

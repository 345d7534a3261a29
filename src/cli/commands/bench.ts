import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import type { Load } from "../../experiment/experiment.js";
import { joinSessions, openLocalSession, type Session } from "../../experiment/session.js";
import { parseSchedulers, REMOTE_SCHEDULERS, resolveVariants, type Variant } from "../../experiment/variant.js";
import { classTables } from "../../report/class-table.js";
import { comparison } from "../../report/comparison.js";
import { reportFiles } from "../../report/files.js";
import { failures, machineNoise } from "../../report/findings/health.js";
import { nextSteps } from "../../report/next-steps.js";
import { LOOKS } from "../../results/verdict.js";
import { POLICIES } from "../../scheduler/policies/registry.js";
import { isOpenLoop } from "../../workload/workload.js";
import { type CommandOutcome, fixedDesign, holdTo, type ModelProgress, runCommand } from "../experiment.js";
import { type Given, needs } from "../needs.js";
import { addDemandOptions, type DemandFlags, demandsOf } from "../options/demands.js";
import { addEngineOptions, engineSettings } from "../options/engine.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import {
  addRemoteOptions,
  environmentEndpoint,
  isRemoteOption,
  openRemote,
  type RemoteFlags,
} from "../options/remote.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { addWorkloadOptions, runSizes, samplingOf, type WorkloadFlags, workloadSettings } from "../options/workload.js";
import { shownSettings, shownWords } from "../recorded-settings.js";
import { listOf, number, oneOf, wholeNumber } from "../values.js";

/** The one place of these defaults: together they end within four minutes on two cores, model included. */
const DEFAULTS = { precision: 5, maxMinutes: 3, maxConcurrent: 8, seed: 1 } as const;

/** What the reference suite does. */
const REFERENCE = { sizes: [25, 50, 100], runs: 3, maxConcurrent: 10 } as const;

/** More clients than a batch of `static` has rows, and outputs of many lengths: what equal lengths hide. */
const MIXED = { name: "mixed lengths", maxConcurrent: 16, outputLengths: "uniform:8-64" } as const;
const EQUAL = { name: "equal lengths" } as const;

/** Where vLLM listens unless told otherwise. */
const DEFAULT_ENDPOINT = "http://127.0.0.1:8000/v1/completions";

interface BenchFlags extends SchedulerFlags, WorkloadFlags, DemandFlags, OutputFlags, RemoteFlags {
  endpoint?: string;
  schedulers?: string[];
  sizes?: number[];
  runs?: number;
  precision?: number;
  maxMinutes?: number;
  reference?: boolean;
  maxConcurrent?: number;
  clock?: "real" | "virtual";
  warmup?: number;
}

const NEEDS_REMOTE = `it needs a server among --schedulers: ${REMOTE_SCHEDULERS.join(" or ")}`;

function asksAServer({ schedulers }: Given): boolean {
  if (schedulers === undefined) return false;
  return parseSchedulers(schedulers as string[]).some(({ name }) => REMOTE_SCHEDULERS.includes(name));
}

const EXAMPLES = `
Examples:
  sluice bench
  sluice bench --reference --schedulers static continuous
  sluice bench --schedulers static:maxBatchSize=16 continuous ./my-policy.js --output-lengths uniform:8-128
  sluice bench --schedulers naive dynamic vllm --endpoint http://localhost:8000/v1/completions --sizes 50 100
  sluice bench --model mock --arrival poisson --rate 3 --slo 'ttft_p95<500ms'`;

/** `sluice bench` */
export function benchCommand(): Command {
  const command = new Command("bench")
    .description("compare schedulers on one model with the same requests")
    .option("--schedulers <names...>", "names or policy files, with options after a colon (default: all local ones)")
    .option(
      "--sizes <n...>",
      "requests per run (default: a block of about three per client, and two seconds at least)",
      listOf(wholeNumber("--sizes", 1)),
    )
    .option("--runs <n>", "so many rounds, whatever they show (default: until it is decided)", wholeNumber("--runs", 1))
    .option(
      "--precision <percent>",
      `a smaller difference counts as none (default: ${DEFAULTS.precision})`,
      number("--precision", 0.1, 50),
    )
    .option(
      "--max-minutes <n>",
      `time for the rounds until it is decided (default: ${DEFAULTS.maxMinutes})`,
      number("--max-minutes", 0.01),
    )
    .option(
      "--reference",
      `as the reference suite: ${REFERENCE.sizes.join(", ")} requests by ${REFERENCE.maxConcurrent} clients, ${REFERENCE.runs} runs`,
    )
    .option(
      "--max-concurrent <n>",
      `requests under way at the same time (default: ${DEFAULTS.maxConcurrent}; no limit in an open loop)`,
      wholeNumber("--max-concurrent", 1),
    )
    .option(
      "--clock <clock>",
      "real|virtual, for --model mock (default: virtual)",
      oneOf("--clock", ["real", "virtual"]),
    )
    .option(
      "--warmup <n>",
      "requests through each scheduler before anything is counted (default: as many as are under way at once)",
      wholeNumber("--warmup", 0),
    );
  addWorkloadOptions(addEngineOptions(command));
  command.option(
    "--endpoint <url>",
    `the server for remote or vllm (default: VLLM_ENDPOINT, VLLM_HOST and VLLM_PORT, else ${DEFAULT_ENDPOINT})`,
  );
  addRemoteOptions(command);
  for (const option of command.options) {
    if (option.long === "--endpoint" || isRemoteOption(option)) needs(option, NEEDS_REMOTE, asksAServer);
  }
  addOutputOptions(addDemandOptions(addSchedulerOptions(command)), DEFAULTS.seed);
  return command.addHelpText("after", EXAMPLES).action((flags: BenchFlags) => bench(flags, command));
}

async function bench(flags: BenchFlags, command: Command): Promise<void> {
  const loads = loadsOf(flags);
  const { workload } = loads[0]!;
  const variants = await variantsOf(flags, command, Math.max(...loads.map((load) => load.maxConcurrent)));
  const seed = flags.seed ?? DEFAULTS.seed;
  const precision = (flags.precision ?? DEFAULTS.precision) / 100;
  const runs = flags.runs ?? (flags.reference ? REFERENCE.runs : undefined);
  const design = fixedDesign(workload, precision);
  const demands = demandsOf(flags);
  const outcome = await runCommand({
    record: {
      command: "bench",
      commandLine: shownWords(process.argv.slice(2)),
      settings: shownSettings(command, { ...DEFAULTS, schedulers: variants.map((variant) => variant.label) }),
      axes: [],
      seed,
    },
    plan: {
      variants,
      loads,
      stopping:
        runs === undefined
          ? { kind: "decided", maxMs: 60_000 * (flags.maxMinutes ?? DEFAULTS.maxMinutes) }
          : { kind: "rounds", rounds: runs },
      design: runs === undefined ? { ...design, looks: [...LOOKS] } : design,
      sampling: samplingOf(flags),
      seed,
      warmupRequests: flags.warmup,
      objectives: demands.objectives,
    },
    open: (onProgress, signal) => openFor(variants, flags, onProgress, signal),
    output: flags,
    extraFiles: reportFiles,
  });
  if (!outcome) return;
  const judged = holdTo(demands, outcome);
  if (!flags.quiet) showBench(outcome, judged);
}

/** The verdict first, what to try next last. */
function showBench({ results, path }: CommandOutcome, judged: readonly string[]): void {
  const noise = [...machineNoise(results), ...failures(results).filter(({ met }) => met === false)];
  const tables = [comparison(results), classTables(results)].filter((text) => text !== "");
  const lines = [...tables, ...judged, ...noise.map(({ text }) => text), `results: ${path} (report.html)`];
  console.log([...lines, ...nextSteps(results)].join("\n"));
}

/**
 * Two loads, one where static batches hold and one where they lose; or the one load that the flags describe.
 *
 * @throws SluiceError `usage`
 */
function loadsOf(flags: BenchFlags): Load[] {
  const workload = workloadSettings(flags);
  const maxConcurrent = flags.maxConcurrent ?? (flags.reference ? REFERENCE.maxConcurrent : undefined);
  const sizes = flags.sizes ?? (flags.reference ? REFERENCE.sizes : undefined);
  const described = [maxConcurrent, sizes, flags.outputLengths, flags.promptLengths, flags.maxTokens, flags.prompts];
  if (isOpenLoop(workload) || described.some((value) => value !== undefined)) {
    const clients = maxConcurrent ?? (isOpenLoop(workload) ? Number.POSITIVE_INFINITY : DEFAULTS.maxConcurrent);
    const given = workload.trace ? runSizes(workload, sizes, []) : (sizes ?? [undefined]);
    return given.map((size) => ({ name: "", size, maxConcurrent: clients, workload }));
  }
  const mixed = workloadSettings({ ...flags, outputLengths: MIXED.outputLengths });
  return [
    { ...EQUAL, size: undefined, maxConcurrent: DEFAULTS.maxConcurrent, workload },
    { name: MIXED.name, size: undefined, maxConcurrent: MIXED.maxConcurrent, workload: mixed },
  ];
}

/** The model is loaded only for schedulers of ours, the server asked only where one stands in for a scheduler. */
async function openFor(
  variants: readonly Variant[],
  flags: BenchFlags,
  onProgress: ModelProgress,
  signal: AbortSignal,
): Promise<Session> {
  const remote = variants.some((variant) => !variant.settings) ? await openEndpoint(flags, signal) : undefined;
  if (remote && variants.every((variant) => !variant.settings)) return remote;
  const local = await openLocalSession({ engine: engineSettings(flags), clock: flags.clock }, variants, onProgress);
  if (!remote) return local;
  if (variants.some((variant) => variant.settings && local.runnerOf(variant).clock === "virtual")) {
    await Promise.all([local.close(), remote.close()]);
    throw new SluiceError(
      "usage",
      "the mock runs in virtual time and the server in real time, which cannot be compared; give --clock real",
    );
  }
  return joinSessions(local, remote);
}

function openEndpoint(flags: BenchFlags, signal: AbortSignal): Promise<Session> {
  const endpoint = flags.endpoint ?? environmentEndpoint() ?? DEFAULT_ENDPOINT;
  return openRemote(endpoint, "--endpoint", flags, signal);
}

function variantsOf(flags: BenchFlags, command: Command, concurrency: number): Promise<Variant[]> {
  const { given, optional } = policyOptions(command);
  return resolveVariants({
    entries: parseSchedulers(flags.schedulers ?? POLICIES.map((policy) => policy.name)),
    options: given,
    optionalOptions: optional,
    scheduler: schedulerSettings(flags),
    concurrency,
  });
}

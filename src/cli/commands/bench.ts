import { Command } from "commander";
import { joinSessions, openLocalSession, type Session } from "../../experiment/session.js";
import { parseSchedulers, resolveVariants, type Variant } from "../../experiment/variant.js";
import { comparison } from "../../report/comparison.js";
import { reportFiles } from "../../report/files.js";
import { parseObjectives } from "../../results/slo.js";
import { POLICIES } from "../../scheduler/policies/registry.js";
import { type ModelProgress, runCommand, showOutcome } from "../experiment.js";
import { addEngineOptions, type EngineFlags, engineSettings } from "../options/engine.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import { addRemoteOptions, environmentEndpoint, openRemote, type RemoteFlags } from "../options/remote.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { addWorkloadOptions, runSizes, samplingOf, type WorkloadFlags, workloadSettings } from "../options/workload.js";
import { shownSettings, shownWords } from "../recorded-settings.js";
import { listOf, oneOf, wholeNumber } from "../values.js";

/** The one place of these defaults: together they end within four minutes on two cores, model included. */
const DEFAULTS = { sizes: [8, 24], runs: 3, maxConcurrent: 8, seed: 1 } as const;

/** Where vLLM listens unless told otherwise. */
const DEFAULT_ENDPOINT = "http://127.0.0.1:8000/v1/completions";

interface BenchFlags extends EngineFlags, SchedulerFlags, WorkloadFlags, OutputFlags, RemoteFlags {
  endpoint?: string;
  schedulers?: string[];
  sizes?: number[];
  runs?: number;
  maxConcurrent?: number;
  clock?: "real" | "virtual";
  slo?: string;
  warmup?: number;
}

const EXAMPLES = `
Examples:
  sluice bench
  sluice bench --schedulers static continuous --sizes 25 50 100 --runs 3 --max-concurrent 10
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
      `requests per run (default: ${DEFAULTS.sizes.join(" ")})`,
      listOf(wholeNumber("--sizes", 1)),
    )
    .option("--runs <n>", `repeats, interleaved (default: ${DEFAULTS.runs})`, wholeNumber("--runs", 1))
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
    .option("--slo <objectives>", "goodput under objectives such as 'ttft_p95<500ms,tpot_p95<50ms'")
    .option(
      "--warmup <n>",
      "requests through each scheduler before anything is counted (default: as many as are under way at once)",
      wholeNumber("--warmup", 0),
    );
  addWorkloadOptions(addEngineOptions(command));
  addRemoteOptions(
    command.option(
      "--endpoint <url>",
      `the server for remote or vllm (default: VLLM_ENDPOINT, VLLM_HOST and VLLM_PORT, else ${DEFAULT_ENDPOINT})`,
    ),
  );
  addOutputOptions(addSchedulerOptions(command), DEFAULTS.seed);
  return command.addHelpText("after", EXAMPLES).action((flags: BenchFlags) => bench(flags, command));
}

async function bench(flags: BenchFlags, command: Command): Promise<void> {
  const workload = workloadSettings(flags);
  const openLoop = workload.arrivals !== undefined || workload.trace !== undefined;
  const maxConcurrent = flags.maxConcurrent ?? (openLoop ? Number.POSITIVE_INFINITY : DEFAULTS.maxConcurrent);
  const variants = await setupsOf(flags, command, maxConcurrent);
  const seed = flags.seed ?? DEFAULTS.seed;
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
      sizes: runSizes(workload, flags.sizes, DEFAULTS.sizes),
      repeats: flags.runs ?? DEFAULTS.runs,
      maxConcurrent,
      workload,
      sampling: samplingOf(flags),
      seed,
      warmupRequests: flags.warmup,
      objectives: flags.slo === undefined ? [] : parseObjectives(flags.slo),
    },
    open: (onProgress, signal) => openFor(variants, flags, onProgress, signal),
    output: flags,
    extraFiles: reportFiles,
  });
  if (outcome && !flags.quiet) showOutcome(comparison(outcome.results), outcome);
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
  return remote ? joinSessions(local, remote) : local;
}

function openEndpoint(flags: BenchFlags, signal: AbortSignal): Promise<Session> {
  const endpoint = flags.endpoint ?? environmentEndpoint() ?? DEFAULT_ENDPOINT;
  return openRemote(endpoint, "--endpoint", flags, signal);
}

function setupsOf(flags: BenchFlags, command: Command, concurrency: number): Promise<Variant[]> {
  const { given, optional } = policyOptions(command);
  return resolveVariants({
    entries: parseSchedulers(flags.schedulers ?? POLICIES.map((policy) => policy.name)),
    options: given,
    optionalOptions: optional,
    scheduler: schedulerSettings(flags),
    concurrency,
  });
}

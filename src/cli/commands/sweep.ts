import { Command } from "commander";
import type { Results } from "../../bench/results.js";
import { ServedRunner, servedSession } from "../../bench/served.js";
import { openLocalSession, type Session } from "../../bench/session.js";
import { parseSchedulers, type SchedulerSetup } from "../../bench/setup.js";
import { parseObjectives } from "../../bench/slo.js";
import { axesOf, sweepCsv, sweepSetups } from "../../bench/sweep.js";
import { SluiceError } from "../../errors.js";
import { reportFiles } from "../../report/files.js";
import { sweepTable } from "../../report/sweep-table.js";
import { loadPolicy } from "../../scheduler/load.js";
import type { WorkloadSettings } from "../../workload/plan.js";
import { type ModelProgress, runCommand, showOutcome } from "../experiment.js";
import { addEngineOptions, type EngineFlags, engineSettings } from "../options/engine.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import { addLimitOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { type AxisFlags, addAxisOptions, sweepPoints } from "../options/sweep.js";
import { addWorkloadOptions, runSizes, samplingOf, type WorkloadFlags, workloadSettings } from "../options/workload.js";
import { shownSettings } from "../settings.js";
import { oneOf, wholeNumber } from "../values.js";

const DEFAULTS = { scheduler: "static", concurrency: 8, repeats: 3, seed: 1, http: "/v1/completions" } as const;

type LimitFlags = Omit<SchedulerFlags, "order" | "shortJobFirst">;

interface SweepFlags extends EngineFlags, LimitFlags, WorkloadFlags, OutputFlags, AxisFlags {
  scheduler?: string;
  concurrency?: number;
  total?: number;
  requests?: number;
  repeats?: number;
  http?: string | true;
  clock?: "real" | "virtual";
  baseline?: boolean;
  warmup?: number;
  slo?: string;
}

const EXAMPLES = `
Examples:
  sluice sweep --batch-timeout 5 10 25 50 --max-batch 2 4 8 --short-job-first true false
  sluice sweep --pairs 1:0 2:10 4:10 8:20 16:20 32:50 --concurrency 50 --total 500 --repeats 3
  sluice sweep --model mock --max-batch 1 2 4 8 16 --requests 30 --rate 3 --output-lengths uniform:10-29
  sluice sweep --scheduler continuous --max-num-batched-tokens 64 256 1024 --http`;

/** `sluice sweep` */
export function sweepCommand(): Command {
  const command = new Command("sweep")
    .description("run one scheduler at every point of a grid, beside the un-batched baseline")
    .option("--scheduler <name>", `a scheduler or a policy file (default: ${DEFAULTS.scheduler})`);
  addAxisOptions(command)
    .option(
      "--concurrency <n>",
      `requests under way at the same time (default: ${DEFAULTS.concurrency}; no limit in an open loop)`,
      wholeNumber("--concurrency", 1),
    )
    .option("--total <n>", "requests per run (default: as many as --concurrency)", wholeNumber("--total", 1))
    .option("--requests <n>", "the same as --total", wholeNumber("--requests", 1))
    .option(
      "--repeats <n>",
      `runs of each setting, interleaved (default: ${DEFAULTS.repeats})`,
      wholeNumber("--repeats", 1),
    )
    .option("--http [path]", `over HTTP: a server for each run, at this path (default: ${DEFAULTS.http})`)
    .option(
      "--clock <clock>",
      "real|virtual, for --model mock (default: virtual)",
      oneOf("--clock", ["real", "virtual"]),
    )
    .option("--no-baseline", "leave the un-batched run out")
    .option("--slo <objectives>", "goodput under objectives such as 'ttft_p95<500ms'")
    .option("--warmup <n>", "requests through each setting before anything is counted", wholeNumber("--warmup", 0));
  addOutputOptions(addLimitOptions(addWorkloadOptions(addEngineOptions(command))), DEFAULTS.seed);
  return command.addHelpText("after", EXAMPLES).action((flags: SweepFlags) => sweep(flags, command));
}

async function sweep(flags: SweepFlags, command: Command): Promise<void> {
  const workload = workloadSettings(flags);
  const openLoop = workload.arrivals !== undefined || workload.trace !== undefined;
  const concurrency = flags.concurrency ?? (openLoop ? Number.POSITIVE_INFINITY : DEFAULTS.concurrency);
  const seed = flags.seed ?? DEFAULTS.seed;
  const { setups, axes } = await planSweep(flags, command, concurrency);
  const outcome = await runCommand({
    record: {
      command: "sweep",
      commandLine: process.argv.slice(2),
      settings: shownSettings(command, DEFAULTS),
      axes,
      seed,
    },
    plan: {
      setups,
      sizes: sizesOf(flags, workload, concurrency),
      repeats: flags.repeats ?? DEFAULTS.repeats,
      maxConcurrent: concurrency,
      workload,
      sampling: samplingOf(flags),
      seed,
      warmupRequests: flags.warmup,
      objectives: flags.slo === undefined ? [] : parseObjectives(flags.slo),
    },
    open: (onProgress) => openFor(flags, setups, onProgress),
    output: flags,
    extraFiles: sweepFiles,
  });
  if (outcome && !flags.quiet) showOutcome(sweepTable(outcome.results), outcome);
}

async function planSweep(flags: SweepFlags, command: Command, concurrency: number) {
  const [entry, another] = parseSchedulers([flags.scheduler ?? DEFAULTS.scheduler]);
  if (!entry || another) throw new SluiceError("usage", "--scheduler takes one scheduler");
  const points = sweepPoints(flags, command, await loadPolicy(entry.name));
  const setups = await sweepSetups({
    entry,
    points,
    scheduler: schedulerSettings(withoutAxes(flags)),
    concurrency,
    baseline: flags.baseline ?? true,
  });
  return { setups, axes: axesOf(points) };
}

/** Orders are axes here. */
function withoutAxes({ order: _order, shortJobFirst: _shortJobFirst, ...limits }: SweepFlags): LimitFlags {
  return limits;
}

function sizesOf(flags: SweepFlags, workload: WorkloadSettings, concurrency: number): readonly number[] {
  const given = flags.total ?? flags.requests;
  if (given !== undefined || workload.trace) return runSizes(workload, given === undefined ? undefined : [given], []);
  if (Number.isFinite(concurrency)) return [concurrency];
  throw new SluiceError("usage", "an open loop needs --requests: how many are sent");
}

async function openFor(
  flags: SweepFlags,
  setups: readonly SchedulerSetup[],
  onProgress: ModelProgress,
): Promise<Session> {
  const engine = engineSettings(flags);
  if (flags.http === undefined) return openLocalSession({ engine, clock: flags.clock }, setups, onProgress);
  const path = flags.http === true ? DEFAULTS.http : flags.http;
  return servedSession(engine, new ServedRunner(engine, path), onProgress);
}

function sweepFiles(results: Results): Readonly<Record<string, string>> {
  return { ...reportFiles(results), "batch_sweep.csv": sweepCsv(results) };
}

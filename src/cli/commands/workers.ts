import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import { ServedRunner, servedSession } from "../../experiment/served.js";
import { parseSchedulers, resolveVariants, type Variant } from "../../experiment/variant.js";
import { workerVariants } from "../../experiment/workers.js";
import { reportFiles } from "../../report/files.js";
import { workersTable } from "../../report/workers-table.js";
import { workersCsv } from "../../results/workers-csv.js";
import { DEFAULT_SCHEDULER } from "../../scheduler/settings.js";
import { fixedDesign, holdTo, runCommand, showOutcome } from "../experiment.js";
import { addDemandOptions, type DemandFlags, demandsOf } from "../options/demands.js";
import { addEngineOptions, engineSettings } from "../options/engine.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import { addSchedulerOptions, policyOptions, type SchedulerFlags, schedulerSettings } from "../options/scheduler.js";
import { addWorkloadOptions, runSizes, samplingOf, type WorkloadFlags, workloadSettings } from "../options/workload.js";
import { shownSettings, shownWords } from "../recorded-settings.js";
import { listOf, wholeNumber } from "../values.js";

const DEFAULTS = {
  workers: [1, 2, 4],
  trials: 3,
  concurrency: 8,
  scheduler: DEFAULT_SCHEDULER.policy,
  path: "/generate",
  seed: 1,
};

interface WorkersFlags extends SchedulerFlags, WorkloadFlags, DemandFlags, OutputFlags {
  workers?: number[];
  trials?: number;
  concurrency?: number;
  total?: number;
  scheduler?: string;
  path?: string;
}

const EXAMPLES = `
Examples:
  sluice workers
  sluice workers --workers 1 2 4 8 --trials 3
  sluice workers --model standin:gpt2 --threads 1 --concurrency 16 --total 64`;

/** `sluice workers` */
export function workersCommand(): Command {
  const command = new Command("workers")
    .description("start the server with several worker counts and measure throughput, latency and CPU use")
    .option(
      "--workers <n...>",
      `processes, each with its own copy of the model (default: ${DEFAULTS.workers.join(" ")})`,
      listOf(wholeNumber("--workers", 1, 64)),
    )
    .option("--trials <n>", `runs of each count, interleaved (default: ${DEFAULTS.trials})`, wholeNumber("--trials", 1))
    .option(
      "--concurrency <n>",
      `requests under way at the same time (default: ${DEFAULTS.concurrency})`,
      wholeNumber("--concurrency", 1),
    )
    .option("--total <n>", "requests per run (default: as many as --concurrency)", wholeNumber("--total", 1))
    .option("--scheduler <name>", `in every worker (default: ${DEFAULTS.scheduler})`)
    .option("--path <path>", `which API is driven (default: ${DEFAULTS.path})`);
  addSchedulerOptions(addWorkloadOptions(addEngineOptions(command)));
  addOutputOptions(addDemandOptions(command), DEFAULTS.seed);
  return command.addHelpText("after", EXAMPLES).action((flags: WorkersFlags) => workers(flags, command));
}

async function workers(flags: WorkersFlags, command: Command): Promise<void> {
  const concurrency = flags.concurrency ?? DEFAULTS.concurrency;
  const seed = flags.seed ?? DEFAULTS.seed;
  const demands = demandsOf(flags);
  const variant = await variantOf(flags, command, concurrency);
  const engine = engineSettings(flags);
  const workload = workloadSettings(flags);
  const outcome = await runCommand({
    record: {
      command: "workers",
      commandLine: shownWords(process.argv.slice(2)),
      settings: shownSettings(command, DEFAULTS),
      axes: [],
      seed,
    },
    plan: {
      variants: workerVariants(variant, flags.workers ?? DEFAULTS.workers),
      loads: runSizes(workload, flags.total === undefined ? undefined : [flags.total], [concurrency]).map((size) => ({
        name: "",
        size,
        maxConcurrent: concurrency,
        workload,
      })),
      stopping: { kind: "rounds", rounds: flags.trials ?? DEFAULTS.trials },
      design: fixedDesign(workload),
      sampling: samplingOf(flags),
      seed,
      warmupRequests: undefined,
      objectives: demands.objectives,
    },
    open: (onProgress) => servedSession(engine, new ServedRunner(engine, flags.path ?? DEFAULTS.path), onProgress),
    output: flags,
    extraFiles: (results) => ({ ...reportFiles(results), "workers.csv": workersCsv(results) }),
  });
  if (!outcome) return;
  const judged = holdTo(demands, outcome);
  if (!flags.quiet) showOutcome([workersTable(outcome.results), ...judged].join("\n"), outcome);
}

async function variantOf(flags: WorkersFlags, command: Command, concurrency: number): Promise<Variant> {
  const { given, optional } = policyOptions(command);
  const [variant] = await resolveVariants({
    entries: parseSchedulers([flags.scheduler ?? DEFAULTS.scheduler]),
    options: given,
    optionalOptions: optional,
    scheduler: schedulerSettings(flags),
    concurrency,
  });
  if (variant?.settings) return variant;
  throw new SluiceError("usage", "--scheduler: a server needs a scheduler of its own");
}

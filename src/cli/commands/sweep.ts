import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import { ServedRunner, servedSession } from "../../experiment/served.js";
import { openLocalSession, type Session } from "../../experiment/session.js";
import { axesOf, type LoadPoint, sweepVariants, underLoads } from "../../experiment/sweep.js";
import { parseSchedulers, remoteVariant, type SchedulerEntry, type Variant } from "../../experiment/variant.js";
import { reportFiles } from "../../report/files.js";
import { sweepTable } from "../../report/sweep-table.js";
import type { Results } from "../../results/schema.js";
import { sweepCsv } from "../../results/sweep-csv.js";
import { loadPolicy } from "../../scheduler/load.js";
import { fixedDesign, holdTo, type ModelProgress, runCommand, showOutcome } from "../experiment.js";
import { needs } from "../needs.js";
import { addDemandOptions, type DemandFlags, demandsOf } from "../options/demands.js";
import { addEngineOptions, engineSettings } from "../options/engine.js";
import { allowLoadAxes, type LoadAxisFlags, sweepLoads } from "../options/load-axes.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import { addRemoteOptions, isRemoteOption, openRemote, type RemoteFlags } from "../options/remote.js";
import { addLimitOptions, schedulerSettings } from "../options/scheduler.js";
import { type AxisFlags, addAxisOptions, sweepPoints } from "../options/sweep.js";
import { addWorkloadOptions, runSizes, samplingOf } from "../options/workload.js";
import { shownSettings, shownWords } from "../recorded-settings.js";
import { oneOf, wholeNumber } from "../values.js";

const DEFAULTS = { concurrency: 8, repeats: 3, seed: 1 } as const;
const DEFAULT_SCHEDULER_NAME = "static";
/** Which API of a server of ours is driven. */
const DEFAULT_PATH = "/v1/completions";

interface SweepFlags extends LoadAxisFlags, OutputFlags, DemandFlags, AxisFlags, RemoteFlags {
  scheduler?: string;
  url?: string;
  total?: number;
  requests?: number;
  repeats?: number;
  http?: string | true;
  clock?: "real" | "virtual";
  baseline?: boolean;
  warmup?: number;
}

const EXAMPLES = `
Examples:
  sluice sweep --batch-timeout 5 10 25 50 --max-batch 2 4 8 --short-job-first true false
  sluice sweep --pairs 1:0 2:10 4:10 8:20 16:20 32:50 --concurrency 50 --total 500 --repeats 3
  sluice sweep --model mock --max-batch 1 2 4 8 16 --requests 30 --rate 3 --output-lengths uniform:10-29
  sluice sweep --scheduler continuous --max-num-batched-tokens 64 256 1024 --http
  sluice sweep --url http://localhost:8000 --concurrency 1 4 16 64 --total 200`;

/** `sluice sweep` */
export function sweepCommand(): Command {
  const command = new Command("sweep")
    .description("run one scheduler at every point of a grid, beside the un-batched baseline")
    .option("--scheduler <name>", `a scheduler or a policy file (default: ${DEFAULT_SCHEDULER_NAME})`);
  addAxisOptions(command)
    .optionsGroup("Runs:")
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
    .option("--http [path]", `over HTTP: a server for each run, at this path (default: ${DEFAULT_PATH})`)
    .option("--url <url>", "a server that runs already: the axes are what clients do")
    .option(
      "--clock <clock>",
      "real|virtual, for --model mock (default: virtual)",
      oneOf("--clock", ["real", "virtual"]),
    )
    .option("--no-baseline", "leave the un-batched run out")
    .option(
      "--warmup <n>",
      "requests through each setting before anything is counted (default: --concurrency)",
      wholeNumber("--warmup", 0),
    );
  allowLoadAxes(addWorkloadOptions(addEngineOptions(command)));
  addOutputOptions(addDemandOptions(addRemoteOptions(addLimitOptions(command))), DEFAULTS.seed);
  for (const option of command.options) {
    if (isRemoteOption(option))
      needs(option, "it needs --url: a server that runs already", ({ url }) => url !== undefined);
  }
  return command.addHelpText("after", EXAMPLES).action((flags: SweepFlags) => sweep(flags, command));
}

async function sweep(flags: SweepFlags, command: Command): Promise<void> {
  const loads = sweepLoads(flags, DEFAULTS.concurrency);
  const seed = flags.seed ?? DEFAULTS.seed;
  const demands = demandsOf(flags);
  const variants = flags.url === undefined ? await ownSetups(flags, command, loads) : remoteSetups(command, loads);
  const [{ maxConcurrent, workload }] = loads as [LoadPoint];
  const outcome = await runCommand({
    record: {
      command: "sweep",
      commandLine: shownWords(process.argv.slice(2)),
      settings: shownSettings(
        command,
        flags.url === undefined ? { scheduler: DEFAULT_SCHEDULER_NAME, ...DEFAULTS } : DEFAULTS,
      ),
      axes: axesOf(
        variants.filter((variant) => !variant.baseline).map((variant) => variant.axes),
        flags.url === undefined ? (await loadPolicy(schedulerOf(flags).name)).options : {},
      ),
      seed,
    },
    plan: {
      variants,
      loads: sizesOf(flags, loads).map((size) => ({ name: "", size, maxConcurrent, workload })),
      stopping: { kind: "rounds", rounds: flags.repeats ?? DEFAULTS.repeats },
      design: fixedDesign(workload),
      sampling: samplingOf(flags),
      seed,
      warmupRequests: flags.warmup,
      objectives: demands.objectives,
    },
    open: (onProgress, signal) => openFor(flags, variants, onProgress, signal),
    output: flags,
    extraFiles: sweepFiles,
  });
  if (!outcome) return;
  const judged = holdTo(demands, outcome);
  if (!flags.quiet) showOutcome([sweepTable(outcome.results), ...judged].join("\n"), outcome);
}

/** The scheduler at every point under every load; the baseline only where there is one load that all share. */
async function ownSetups(
  flags: SweepFlags,
  command: Command,
  loads: readonly LoadPoint[],
): Promise<readonly Variant[]> {
  const entry = schedulerOf(flags);
  const points = sweepPoints(flags, command, { policy: await loadPolicy(entry.name), alone: loads.length === 1 });
  const variants = await sweepVariants({
    entry,
    points,
    scheduler: schedulerSettings(withoutAxes(flags)),
    concurrency: Math.min(...loads.map((load) => load.maxConcurrent)),
    baseline: loads.length === 1 && (flags.baseline ?? true),
  });
  return underLoads(variants, loads);
}

function schedulerOf({ scheduler = DEFAULT_SCHEDULER_NAME }: SweepFlags): SchedulerEntry {
  const [entry, another] = parseSchedulers([scheduler]);
  if (!entry || another) throw new SluiceError("usage", "--scheduler takes one scheduler");
  return entry;
}

/** Flags of servers of our own mean nothing to one that runs already. */
function remoteSetups(command: Command, loads: readonly LoadPoint[]): readonly Variant[] {
  const engine = addLimitOptions(addAxisOptions(addEngineOptions(new Command())));
  const own = [...engine.options.map((option) => option.attributeName()), "scheduler", "http", "clock", "baseline"];
  const given = command.options.find(
    (option) => own.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (given) {
    throw new SluiceError(
      "usage",
      `${given.long} means nothing with --url: that server was configured when it was started; use --http, which starts one for each setting`,
    );
  }
  if (loads.length > 1) return underLoads([remoteVariant("remote")], loads);
  throw new SluiceError(
    "usage",
    "sweep --url varies what clients do: give several values to --concurrency, --rate or --max-tokens, or use loadtest",
  );
}

/** Orders are axes here. */
function withoutAxes({ order: _order, shortJobFirst: _shortJobFirst, ...limits }: SweepFlags): object {
  return limits;
}

function sizesOf(flags: SweepFlags, loads: readonly LoadPoint[]): readonly number[] {
  const given = flags.total ?? flags.requests;
  const [{ workload }] = loads as [LoadPoint];
  if (given !== undefined || workload.trace) return runSizes(workload, given === undefined ? undefined : [given], []);
  const concurrency = Math.max(...loads.map((load) => load.maxConcurrent));
  if (Number.isFinite(concurrency)) return [concurrency];
  throw new SluiceError("usage", "an open loop needs --requests: how many are sent");
}

async function openFor(
  flags: SweepFlags,
  variants: readonly Variant[],
  onProgress: ModelProgress,
  signal: AbortSignal,
): Promise<Session> {
  if (flags.url !== undefined) return openRemote(flags.url, "--url", flags, signal);
  const engine = engineSettings(flags);
  if (flags.http === undefined) return openLocalSession({ engine, clock: flags.clock }, variants, onProgress);
  const path = flags.http === true ? DEFAULT_PATH : flags.http;
  return servedSession(engine, new ServedRunner(engine, path), onProgress);
}

function sweepFiles(results: Results): Readonly<Record<string, string>> {
  return { ...reportFiles(results), "batch_sweep.csv": sweepCsv(results) };
}

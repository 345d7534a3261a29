import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import { remoteVariant } from "../../experiment/variant.js";
import { reportFiles } from "../../report/files.js";
import { isOpenLoop } from "../../workload/workload.js";
import { fixedDesign, holdTo, runCommand, showOutcome } from "../experiment.js";
import { addDemandOptions, type DemandFlags, demandsOf } from "../options/demands.js";
import { addOutputOptions, type OutputFlags } from "../options/output.js";
import { addRemoteOptions, environmentEndpoint, openRemote, type RemoteFlags } from "../options/remote.js";
import { addWorkloadOptions, runSizes, samplingOf, type WorkloadFlags, workloadSettings } from "../options/workload.js";
import { shownSettings, shownWords } from "../recorded-settings.js";
import { wholeNumber } from "../values.js";

const DEFAULTS = { concurrency: 50, total: 500, repeats: 1, seed: 1 } as const;

interface LoadtestFlags extends RemoteFlags, WorkloadFlags, DemandFlags, OutputFlags {
  url?: string;
  concurrency?: number;
  total?: number;
  repeats?: number;
  warmup?: number;
}

const EXAMPLES = `
Examples:
  sluice loadtest --url http://localhost:8000 --concurrency 50 --total 500
  sluice loadtest --url http://localhost:8000 --slo 'ttft_p95<500ms' --fail-under 'req/s>5,failed<1%'
  sluice loadtest --url http://localhost:8000/generate --arrival gamma --rate 5 --burstiness 0.5 --slo 'ttft_p95<500ms'
  sluice loadtest --url http://localhost:8000 --arrival ramp --rate 1 --ramp-to 20 --total 400
  sluice loadtest --url http://localhost:8000 --arrival trace:AzureLLMInferenceTrace_conv.csv --time-scale 4`;

/** `sluice loadtest` */
export function loadtestCommand(): Command {
  const command = new Command("loadtest")
    .description("drive any OpenAI-compatible server, /generate or /correct")
    .option("--url <url>", "the server; the path says which API, none means /v1/completions")
    .option(
      "--concurrency <n>",
      `requests under way at the same time (default: ${DEFAULTS.concurrency}; no limit in an open loop)`,
      wholeNumber("--concurrency", 1),
    )
    .option("--total <n>", `requests per run (default: ${DEFAULTS.total})`, wholeNumber("--total", 1))
    .option("--repeats <n>", `runs (default: ${DEFAULTS.repeats})`, wholeNumber("--repeats", 1))
    .option("--warmup <n>", "requests before anything is counted (default: 0)", wholeNumber("--warmup", 0));
  addOutputOptions(addDemandOptions(addWorkloadOptions(addRemoteOptions(command))), DEFAULTS.seed);
  return command.addHelpText("after", EXAMPLES).action((flags: LoadtestFlags) => loadtest(flags, command));
}

async function loadtest(flags: LoadtestFlags, command: Command): Promise<void> {
  const url = flags.url ?? environmentEndpoint();
  if (url === undefined) throw new SluiceError("usage", "loadtest needs --url: the server to drive");
  const workload = workloadSettings(flags);
  const seed = flags.seed ?? DEFAULTS.seed;
  const demands = demandsOf(flags);
  const outcome = await runCommand({
    record: {
      command: "loadtest",
      commandLine: shownWords(process.argv.slice(2)),
      settings: shownSettings(command, { ...DEFAULTS, url }),
      axes: [],
      seed,
    },
    plan: {
      variants: [remoteVariant("remote")],
      loads: runSizes(workload, flags.total === undefined ? undefined : [flags.total], [DEFAULTS.total]).map(
        (size) => ({
          name: "",
          size,
          maxConcurrent: flags.concurrency ?? (isOpenLoop(workload) ? Number.POSITIVE_INFINITY : DEFAULTS.concurrency),
          workload,
        }),
      ),
      stopping: { kind: "rounds", rounds: flags.repeats ?? DEFAULTS.repeats },
      design: fixedDesign(workload),
      sampling: samplingOf(flags),
      seed,
      warmupRequests: flags.warmup ?? 0,
      objectives: demands.objectives,
    },
    open: (_onProgress, signal) => openRemote(url, "--url", flags, signal),
    output: flags,
    extraFiles: reportFiles,
  });
  if (!outcome) return;
  const judged = holdTo(demands, outcome);
  if (!flags.quiet) showOutcome(judged.join("\n"), outcome);
}

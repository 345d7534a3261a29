/** An unknown model file is opened and used once in a process of its own: what breaks there breaks nothing else. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LLAMA_VERSION } from "../engine/llama/platform.js";
import { type ErrorData, SluiceError } from "../errors.js";
import { writeRecord } from "../models/cache.js";
import { withFileLock } from "../models/lock.js";
import type { LoadSettings } from "./settings.js";

/** Compiled code in every case, as for the engine host's thread. */
const TRIAL_FILE = fileURLToPath(new URL("../../dist/host/trial-process.js", import.meta.url));

/** Raise it when the trial tries more: verdicts of before are then not believed. */
const TRIAL_VERSION = 1;

/** A trial takes a fraction of this; a slow disk has time for its bytes on top. */
const TRIAL_LIMIT_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 20_000;

/** File systems stamp changes this coarsely: a file that changed so shortly before its trial may have changed again. */
const STAMP_GRAIN_MS = 100;

/** What the trial's process prints. */
export type TrialResult = { readonly passed: true } | { readonly passed: false; readonly error: ErrorData };

interface Verdict {
  /** Of what the verdict is: the files as they were, the code and the device. */
  readonly subject: string;
  readonly triedMs: number;
  readonly result: TrialResult;
}

/**
 * Makes sure that a model file can be opened and used, in a process that may end by a signal or never. The verdict is kept
 * until the file, the device or llama.cpp changes, so that the next start asks nobody.
 *
 * @throws SluiceError `model_unavailable` when the file breaks its process; else what opening it throws
 */
export async function passTrial(load: LoadSettings & { readonly modelPath: string }, cacheDir: string): Promise<void> {
  const files = await describeFiles(load.modelPath);
  const subject = [TRIAL_VERSION, LLAMA_VERSION, load.device, ...files.identities].join("\n");
  const path = join(cacheDir, "trials", `${createHash("sha256").update(subject).digest("hex").slice(0, 32)}.json`);
  const known = await readVerdict(path, subject, files.changedMs);
  const result = known ?? (await tryOnce(path, subject, files, load));
  if (!result.passed) throw SluiceError.fromData(result.error);
}

/** Where several processes start with one new file, one tries it. A cache that cannot be written costs a trial a start. */
async function tryOnce(path: string, subject: string, files: ModelFiles, load: LoadSettings): Promise<TrialResult> {
  const run = async (): Promise<TrialResult> => {
    const known = await readVerdict(path, subject, files.changedMs);
    if (known !== undefined) return known;
    const triedMs = Date.now();
    const result = await runTrial(load, TRIAL_LIMIT_MS + files.bytes / SLOWEST_BYTES_PER_MS);
    // What failed without a signal may be the machine's fault (memory, a device): it is tried again next time.
    if (result.passed) await writeRecord(path, { subject, triedMs, result } satisfies Verdict).catch(() => undefined);
    return result;
  };
  const folder = dirname(path);
  const writable = await mkdir(folder, { recursive: true })
    .then(() => access(folder, constants.W_OK))
    .then(
      () => true,
      () => false,
    );
  return writable ? withFileLock(`${path}.lock`, run) : run();
}

async function readVerdict(path: string, subject: string, changedMs: number): Promise<TrialResult | undefined> {
  try {
    const verdict: Partial<Verdict> = JSON.parse(await readFile(path, "utf8"));
    const certain = verdict.subject === subject && changedMs + STAMP_GRAIN_MS < (verdict.triedMs ?? 0);
    return certain ? verdict.result : undefined;
  } catch {
    return undefined;
  }
}

interface ModelFiles {
  readonly identities: readonly string[];
  readonly bytes: number;
  /** When the last of them was changed. */
  readonly changedMs: number;
}

/** The files of a model: a split one names its first. */
async function describeFiles(modelPath: string): Promise<ModelFiles> {
  const path = await realpath(modelPath);
  const split = /^(.*-)00001(-of-(\d{5})\.gguf)$/.exec(basename(path));
  const count = split === null ? 1 : Number(split[3]);
  const paths = Array.from({ length: count }, (_, at) =>
    split === null ? path : join(dirname(path), `${split[1]}${String(at + 1).padStart(5, "0")}${split[2]}`),
  );
  const states = await Promise.all(paths.map((each) => stat(each).catch(() => undefined)));
  const present = states.filter((state) => state !== undefined);
  return {
    identities: states.map((state, at) =>
      [paths[at], state?.dev, state?.ino, state?.size, state?.mtimeMs, state?.ctimeMs].join(" "),
    ),
    bytes: present.reduce((sum, { size }) => sum + size, 0),
    changedMs: Math.max(0, ...present.map(({ ctimeMs }) => ctimeMs)),
  };
}

async function runTrial(load: LoadSettings, limitMs: number): Promise<TrialResult> {
  // Without llama.cpp's own backtrace, for which it would start a debugger.
  const child = spawn(process.execPath, [TRIAL_FILE, JSON.stringify(load)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GGML_NO_BACKTRACE: "1", NODE_OPTIONS: "" },
  });
  let output = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-MAX_OUTPUT_CHARS);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-MAX_OUTPUT_CHARS);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? `code ${code}`));
  });
  clearTimeout(timer);
  try {
    return JSON.parse(output) as TrialResult;
  } catch {
    const reason = child.killed
      ? `it was not open and computed after ${Math.round(limitMs / 1000)} s`
      : `opening and trying it ended the process (${end}${assertionIn(complaints)})`;
    const message = `${load.modelPath} cannot be used as a model: ${reason}; it is damaged, or no model of this llama.cpp`;
    return { passed: false, error: new SluiceError("model_unavailable", message).toData() };
  }
}

const MAX_OUTPUT_CHARS = 65_536;

/** llama.cpp's last words. */
function assertionIn(complaints: string): string {
  const line = complaints.split("\n").find((each) => /GGML_ASSERT|what\(\):|GGML_ABORT/.test(each));
  return line === undefined
    ? ""
    : `: ${line
        .replace(/^.*?: /, "")
        .trim()
        .slice(0, 200)}`;
}

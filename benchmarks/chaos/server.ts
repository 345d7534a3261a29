/** A `sluice serve` under attack, somebody harmless who uses it meanwhile, and how long it keeps others waiting. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readyUrl } from "../../src/targets/server-process.js";
import type { Tally } from "./kind.js";

export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Attacked {
  readonly url: string;
  readonly child: ChildProcess;
  /** SIGTERM. @returns seconds until the process had ended */
  end(): Promise<number>;
}

const KILL_AFTER_MS = 30_000;

/** Starts a server on a free port of the loopback address. */
export async function attacked(...flags: string[]): Promise<Attacked> {
  const words = [MAIN, "serve", "--port", "0", "--device", "cpu", "--log-level", "error", "--quiet", ...flags];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
  return { url: await readyUrl(child), child, end: () => endOf(child) };
}

/** SIGTERM, and SIGKILL for what then goes on. @returns seconds until the process had ended; Infinity: it was killed */
export async function endOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return 0;
  const beganMs = performance.now();
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
  return child.signalCode === "SIGKILL" ? Number.POSITIVE_INFINITY : (performance.now() - beganMs) / 1000;
}

export interface Answer {
  /** 0: none came. */
  readonly status: number;
  readonly hung: boolean;
  readonly text: string;
}

/** One POST. It never throws. */
export async function post(url: string, path: string, body: unknown, timeoutMs = 30_000): Promise<Answer> {
  try {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, hung: false, text: await answer.text() };
  } catch (error) {
    return { status: 0, hung: (error as Error).name === "TimeoutError", text: `${error}: ${(error as Error).cause}` };
  }
}

/** Counts an answer. @param isRight what a 200 must hold */
export function count(tally: Tally, { status, hung, text }: Answer, isRight: (text: string) => boolean): void {
  tally.sent++;
  if (status === 200 && isRight(text)) tally.right++;
  else if ((status >= 400 && status < 500) || status === 503 || status === 504) tally.refused++;
  else if (hung) tally.hung++;
  else if (status === 0) {
    tally.lost++;
    tally.notes.push(`lost: ${text.slice(0, 120)}`);
  } else {
    tally.wrong++;
    if (tally.notes.length < 3) tally.notes.push(`${status}: ${text.slice(0, 120)}`);
  }
}

/** Somebody who sends short requests one after the other, and somebody who asks whether the server lives. */
export class Neighbour {
  served = 0;
  failed = 0;
  /** What it was told when it was failed first. */
  said = "";
  longestMs = 0;
  longestStallMs = 0;
  readonly #loops: Promise<void>[];
  #over = false;

  constructor(url: string) {
    this.#loops = [this.#complete(url), this.#ping(url)];
  }

  /** Adds what it saw to the tally: whom the server failed is lost. */
  async stop(tally: Tally): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
    tally.lost += this.failed;
    if (this.failed > 0) tally.notes.push(`neighbour failed ${this.failed} times: ${this.said}`);
    const [longest, stall] = [this.longestMs, this.longestStallMs].map((ms) => ms.toFixed(0));
    tally.notes.push(`neighbour: ${this.served} served, longest ${longest} ms, /health at most ${stall} ms`);
  }

  async #complete(url: string): Promise<void> {
    while (!this.#over) {
      const beganMs = performance.now();
      const { status, text } = await post(url, "/v1/completions", {
        prompt: "Once upon",
        max_tokens: 2,
        ignore_eos: true,
      });
      if (status === 200) this.served++;
      else {
        this.failed++;
        this.said ||= `${status}: ${text.slice(0, 160)}`;
      }
      this.longestMs = Math.max(this.longestMs, performance.now() - beganMs);
    }
  }

  async #ping(url: string): Promise<void> {
    while (!this.#over) {
      const beganMs = performance.now();
      await fetch(`${url}/health`).then(
        (answer) => answer.arrayBuffer(),
        () => undefined,
      );
      this.longestStallMs = Math.max(this.longestStallMs, performance.now() - beganMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Resident memory and open files of a process (Linux). */
export function heldBy(pid: number): { rssMib: number; files: number } {
  const rssKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return { rssMib: rssKib / 1024, files: readdirSync(`/proc/${pid}/fd`).length };
}

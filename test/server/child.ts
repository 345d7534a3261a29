import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code; null after a signal. */
  readonly exited: Promise<number | null>;
}

/** `sluice serve` as a process of its own, on a free port, ready. */
export async function serveProcess(...flags: string[]): Promise<ServerProcess> {
  const words = [MAIN, "serve", "--port", "0", "--threads", "1", "--device", "cpu", "--quiet", ...flags];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await urlOf(child);
  return { url, child, stdout: () => stdout, stderr: () => stderr, exited };
}

/** What a starting server says its address is. Its stderr must be a pipe; it is read on. */
export function urlOf(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr!.on("data", (data) => {
      said += data;
      const found = /is served at (http:\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

/** Starts a streamed completion and returns once its first frame is there. */
export async function startStream(url: string, maxTokens: number) {
  const response = await fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Once upon a time", max_tokens: maxTokens, ignore_eos: true, stream: true }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader.read()).value ?? "";
  /** The rest of the stream; rejects when the connection breaks. */
  const rest = async () => {
    let text = first;
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    return text;
  };
  /** What the ids of one server process begin with. */
  const process = response.headers.get("x-request-id")!.replace(/-\w+$/, "");
  return { status: response.status, process, rest };
}

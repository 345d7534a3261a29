import { Command, Option } from "commander";
import { RemoteClient } from "../../client/client.js";
import { parseEndpoint } from "../../client/endpoint.js";
import { SystemClock } from "../../clock.js";
import { environmentValue } from "../../environment.js";
import { RemoteRunner } from "../../experiment/runner.js";
import { remoteSession, type Session } from "../../experiment/session.js";
import { RemoteTarget } from "../../targets/remote.js";
import { number } from "../values.js";

export interface RemoteFlags {
  apiKey?: string;
  remoteModel?: string;
  waitReady?: number;
  stallTimeout?: number;
  requestTimeout?: number;
}

/** A server may queue a request for long before its first byte. */
const DEFAULTS = { waitReadyS: 0, stallTimeoutS: 300, requestTimeoutS: 1800 } as const;

/** Timers cannot wait longer than about 24 days. */
const MAX_TIMEOUT_S = 2_000_000;

/** How to talk to a server. */
export function addRemoteOptions(command: Command): Command {
  return command
    .optionsGroup("Server that is driven:")
    .addOption(new Option("--api-key <key>", "sent as a bearer token").env("SLUICE_API_KEY"))
    .option("--remote-model <name>", "what to ask the server for (default: the first that it lists)")
    .option(
      "--wait-ready <seconds>",
      `how long the server may take to come up (default: ${DEFAULTS.waitReadyS})`,
      number("--wait-ready", 0),
    )
    .option(
      "--stall-timeout <seconds>",
      `a server that sends nothing for so long has stalled (default: ${DEFAULTS.stallTimeoutS})`,
      number("--stall-timeout", 0.001, MAX_TIMEOUT_S),
    )
    .option(
      "--request-timeout <seconds>",
      `a request that takes longer in all has failed (default: ${DEFAULTS.requestTimeoutS})`,
      number("--request-timeout", 0.001, MAX_TIMEOUT_S),
    );
}

/** Whether {@link addRemoteOptions} made it. */
export function isRemoteOption(option: Option): boolean {
  return addRemoteOptions(new Command()).options.some(({ long }) => long === option.long);
}

/**
 * The endpoint that the environment names: `VLLM_ENDPOINT`, or `VLLM_HOST` and `VLLM_PORT`.
 * @throws SluiceError `usage` for one that is set and empty
 */
export function environmentEndpoint(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const url = environmentValue("VLLM_ENDPOINT", environment);
  if (url !== undefined) return url;
  const host = environmentValue("VLLM_HOST", environment);
  const port = environmentValue("VLLM_PORT", environment);
  if (host === undefined && port === undefined) return undefined;
  // A server that listens on all addresses is reached at this one.
  return `http://${host === undefined || host === "0.0.0.0" ? "127.0.0.1" : host}:${port ?? "8000"}`;
}

/**
 * Connects to a server: a session whose runs drive it.
 *
 * @param option the flag that gave the URL, for messages
 * @throws SluiceError `usage` for what is no URL; `target_unreachable` or `target_failed` when it does not answer
 */
export async function openRemote(
  url: string,
  option: string,
  flags: RemoteFlags,
  signal: AbortSignal,
): Promise<Session> {
  const client = new RemoteClient(parseEndpoint(url, option), {
    apiKey: flags.apiKey,
    model: flags.remoteModel,
    stallTimeoutMs: (flags.stallTimeout ?? DEFAULTS.stallTimeoutS) * 1000,
    requestTimeoutMs: (flags.requestTimeout ?? DEFAULTS.requestTimeoutS) * 1000,
  });
  await client.ready((flags.waitReady ?? DEFAULTS.waitReadyS) * 1000, signal);
  const clock = new SystemClock();
  const runner = new RemoteRunner(
    client.endpoint.url.href,
    (sampling, seed) => new RemoteTarget(client, clock, sampling, seed),
  );
  return remoteSession(runner, client.model, () => client.close());
}

import type { HostStats } from "../host/protocol.js";
import type { ServerContext } from "./context.js";

/** Metrics are asked for every few seconds: they do not wait for a step that takes longer. */
const STATS_TIMEOUT_MS = 1500;

/** The host's numbers, or nothing when it is gone or in a long step: the other metrics are still worth a page. */
export async function statsOrNone(context: Pick<ServerContext, "host">): Promise<HostStats | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, STATS_TIMEOUT_MS, undefined);
  });
  try {
    return await Promise.race([context.host.stats(), timeout]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

import type { Clock } from "../clock.js";
import type { EngineHost } from "../host/client.js";
import type { Random } from "../random.js";
import type { Admission } from "./admission.js";
import type { ChatPrompts } from "./chat-prompt.js";
import type { Grammars } from "./grammars.js";
import type { ServerMetrics } from "./metrics.js";
import type { Backlog, Monitor } from "./monitor.js";
import type { ServerSettings } from "./settings.js";
import type { StepFlusher } from "./sse.js";
import type { Traffic } from "./traffic.js";
import type { Turns } from "./turns.js";

/** Everything a route needs, made once by {@link createApp}. */
export interface ServerContext {
  readonly host: EngineHost;
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly monitor: Monitor;
  readonly flusher: StepFlusher;
  readonly turns: Turns;
  readonly chats: ChatPrompts;
  readonly grammars: Grammars;
  /** Seeds for requests that bring none. */
  readonly seeds: Random;
  /** Names the model is served under; the first one is shown. */
  readonly modelNames: readonly [string, ...string[]];
  /** When the server started, seconds since 1970. */
  readonly startedAtS: number;
  /** A new id, unique in this process and, by its prefix, among workers. */
  newId(): string;
  /** The Prometheus page, of all workers where there are several. */
  metricsPage(): Promise<string>;
  /** What a new viewer of the dashboard gets, of all workers where there are several. */
  backlogs(): Promise<readonly Backlog[]>;
}

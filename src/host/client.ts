import type { EngineInfo } from "../engine/engine.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Request } from "../scheduler/request.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import type { Markers, PromptText } from "../text/markers.js";
import type { HostStats } from "./protocol.js";

/** The main thread's handle on an engine host. */
export interface EngineHost {
  readonly info: EngineInfo;
  /** Requests accepted and not yet started, as far as this thread has heard. */
  readonly waiting: number;
  /** Prompt tokens of those. */
  readonly waitingTokens: number;
  /** What the vocabulary cuts out of texts. @throws SluiceError `shutting_down` */
  readonly markers: Markers;
  tokenize(prompt: PromptText, special: boolean): number[];
  /** As `tokenize`, in another thread: for texts that would hold up this one. */
  tokenizeAside(prompt: PromptText, special: boolean): Promise<number[]>;
  /** @param special control tokens are written as their markers; otherwise they have no text */
  detokenize(tokens: readonly number[], special?: boolean): string;
  /**
   * Makes a new scheduler (counters at zero) on the same engine.
   * @throws SluiceError `usage` while requests are queued or running, or when the settings are wrong
   */
  configure(settings: SchedulerSettings): Promise<void>;
  /**
   * Hands a request over. Everything that becomes of it reaches `listener` in order; the last event is `finished` or
   * `failed` (a refusal is a `failed` event too).
   */
  submit(request: Request, listener: (event: SchedulerEvent) => void): void;
  /** Ends a request wherever it is; its last event is `failed` with `cancelled`. Unknown ids are ignored. */
  cancel(id: string): void;
  /** What waits starts now, whatever the policy waits for. */
  flush(): void;
  /** Takes no new requests; resolves when the last one has ended. */
  drain(): Promise<void>;
  stats(): Promise<HostStats>;
  /**
   * Ends the thread and frees the model; requests still there fail with `shutting_down` at once. Resolves when the thread
   * has ended: never, where a step never ends.
   */
  close(): Promise<void>;
}

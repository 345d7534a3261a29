/**
 * What the main thread and the engine host say to each other. The host is one worker thread that owns model, scheduler
 * and crank; the main thread holds an {@link EngineHost} (client.ts).
 */
import type { EngineInfo } from "../engine/engine.js";
import type { ErrorData } from "../errors.js";
import type { SchedulerCounters } from "../scheduler/counters.js";
import type { Request } from "../scheduler/request.js";
import type { SchedulerSettings } from "../scheduler/settings.js";
import type { PackedEvent } from "./packing.js";
import type { LoadSettings } from "./settings.js";

/** Main thread → host. */
export type HostCommand =
  | { readonly type: "configure"; readonly call: number; readonly settings: SchedulerSettings }
  | { readonly type: "submit"; readonly request: Request }
  | { readonly type: "cancel"; readonly id: string }
  | { readonly type: "flush" }
  | { readonly type: "drain"; readonly call: number }
  | { readonly type: "stats"; readonly call: number }
  | { readonly type: "close" };

/** Host → main thread. */
export type HostMessage =
  /** The model is loaded. `vocabularyAddress`: where its vocabulary lies in this process, for tokenizing; 0: nowhere. */
  | { readonly type: "ready"; readonly info: EngineInfo; readonly vocabularyAddress: bigint }
  /** What became of the requests, packed (packing.ts); bare, because it is sent after every step. */
  | readonly PackedEvent[]
  | { readonly type: "reply"; readonly call: number; readonly stats?: HostStats }
  | { readonly type: "refused"; readonly call: number; readonly error: ErrorData }
  /** The engine could not be made. */
  | { readonly type: "lost"; readonly error: ErrorData };

/** What the worker thread is started with. */
export interface HostWorkerData {
  readonly load: LoadSettings;
  readonly scheduler: SchedulerSettings;
  /** One 32-bit counter that goes up with every command: what the host sleeps on. */
  readonly signal: SharedArrayBuffer;
}

/** A snapshot of the host. */
export interface HostStats {
  readonly nowMs: number;
  readonly counters: SchedulerCounters;
  readonly waiting: number;
  readonly waitingTokens: number;
  readonly running: number;
  readonly slots: number;
  /** KV cells in use ÷ capacity, 0 to 1. */
  readonly kvUsage: number;
  /** Time between the end of one step and the start of the next while there was work. */
  readonly stepGapMs: { readonly p50: number; readonly p99: number; readonly max: number; readonly total: number };
  /** Time during which steps ran or followed each other. */
  readonly busyMs: number;
}

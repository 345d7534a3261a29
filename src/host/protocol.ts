/**
 * What the main thread and the engine host say to each other. The host is one worker thread that owns model, scheduler
 * and crank; the main thread holds an {@link EngineHost} (client.ts).
 */
import type { EngineInfo } from "../engine/engine.js";
import type { ErrorData } from "../errors.js";
import type { SchedulerCounters } from "../scheduler/counters.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { Request } from "../scheduler/request.js";
import type { SchedulerSettings } from "../scheduler/settings.js";

/** Where the model runs. */
export type Device = "auto" | "cpu" | "cuda" | "vulkan" | "metal";

/** How to make the engine: plain data. */
export interface EngineSettings {
  /** A `--model` spelling: `standin:…`, `tutor`, a GGUF path, `hf:…`, `mock`. */
  model: string;
  device: Device;
  /** Compute threads; 0: one per core. */
  threads: number;
  slots: number;
  /** Tokens per slot; 0: what the model was trained for, at most 1024. */
  contextSize: number;
  /** Share of memory usage is measured against this many MiB of RSS; 0: the machine's memory. */
  memoryLimitMib: number;
}

/** The one place of these defaults. */
export const DEFAULT_ENGINE: Readonly<EngineSettings> = {
  model: "standin:distilgpt2",
  device: "auto",
  threads: 0,
  slots: 32,
  contextSize: 0,
  memoryLimitMib: 0,
};

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
  | { readonly type: "ready"; readonly info: EngineInfo; readonly vocabularyAddress: bigint }
  | { readonly type: "events"; readonly events: readonly SchedulerEvent[] }
  | { readonly type: "reply"; readonly call: number; readonly stats?: HostStats }
  | { readonly type: "refused"; readonly call: number; readonly error: ErrorData }
  | { readonly type: "lost"; readonly error: ErrorData };

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
  /** Time during which at least one sequence ran. */
  readonly busyMs: number;
}

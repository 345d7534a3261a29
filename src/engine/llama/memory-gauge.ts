import { totalmem } from "node:os";
import type { Clock } from "../../clock.js";
import type { LlamaApi } from "./api.js";
import type { Pointer } from "./structs.js";

/** Reading the process's memory costs a system call: a value this old is still good. */
const SAMPLE_EVERY_MS = 250;

/** The share of memory in use: the higher of the device's, where it has its own, and the process's against its limit. */
export class MemoryGauge {
  readonly #clock: Clock;
  readonly #limitBytes: number;
  readonly #readDevice: () => number;
  #sampledMs = Number.NEGATIVE_INFINITY;
  #usage = 0;

  /** @param limitBytes 0: the machine's memory */
  constructor(clock: Clock, limitBytes: number, api: LlamaApi, device: Pointer | undefined) {
    this.#clock = clock;
    this.#limitBytes = limitBytes > 0 ? limitBytes : totalmem();
    this.#readDevice = device === undefined ? () => 0 : () => deviceUsage(api, device);
  }

  /** 0 to 1. */
  read(): number {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#sampledMs >= SAMPLE_EVERY_MS) {
      this.#sampledMs = nowMs;
      const process_ = process.memoryUsage.rss() / this.#limitBytes;
      this.#usage = Math.min(1, Math.max(process_, this.#readDevice()));
    }
    return this.#usage;
  }
}

function deviceUsage(api: LlamaApi, device: Pointer): number {
  const { freeBytes, totalBytes } = deviceMemory(api, device);
  return totalBytes > 0 ? 1 - freeBytes / totalBytes : 0;
}

/** What a device has and has left. */
export function deviceMemory(api: LlamaApi, device: Pointer): { freeBytes: number; totalBytes: number } {
  const free = new BigUint64Array(1);
  const total = new BigUint64Array(1);
  api.deviceMemory(device, free, total);
  return { freeBytes: Number(free[0]), totalBytes: Number(total[0]) };
}

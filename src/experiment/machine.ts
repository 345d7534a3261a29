/** What else the machine did during a run: noise that is shown, and that nothing is filtered by. */
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import type { RunResult } from "../results/schema.js";

/** Where Linux tells how the cores spent their time; other systems have no such file. */
const CPU_TIMES = "/proc/stat";

export class MachineWatch {
  readonly #began = cpuTimes();

  end(): NonNullable<RunResult["machine"]> {
    const ended = cpuTimes();
    const total = ended && this.#began ? ended.total - this.#began.total : 0;
    const stealPercent = total > 0 ? (100 * (ended!.steal - this.#began!.steal)) / total : null;
    return { stealPercent, load1: loadavg()[0]! };
  }
}

interface CpuTimes {
  readonly total: number;
  readonly steal: number;
}

/** In ticks: user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in the first two already. */
function cpuTimes(): CpuTimes | undefined {
  try {
    const [line = ""] = readFileSync(CPU_TIMES, "utf8").split("\n", 1);
    const times = line.split(/\s+/).slice(1, 9).map(Number);
    return { total: times.reduce((sum, time) => sum + time, 0), steal: times[7] ?? 0 };
  } catch {
    return undefined;
  }
}

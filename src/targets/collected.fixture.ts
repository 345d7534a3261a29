import type { RequestRecord } from "../results/schema.js";
import type { LoadObserver } from "./drive.js";

/** An observer that keeps all records, for tests. */
export class Collected implements LoadObserver {
  readonly #records: RequestRecord[] = [];

  tokens(): void {}

  ended(record: RequestRecord): void {
    this.#records.push(record);
  }

  /** By `seq`. */
  get records(): RequestRecord[] {
    return this.#records.sort((a, b) => a.seq - b.seq);
  }
}

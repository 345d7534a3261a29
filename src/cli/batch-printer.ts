import type { Completion } from "../host/collector.js";
import { counted, duration } from "../report/figures.js";

/** Prints completions as their batch ends: what comes at the same time is printed together. */
export class BatchPrinter {
  #ended: { readonly prompt: string; readonly completion: Completion }[] = [];
  #timer: NodeJS.Immediate | undefined;

  /** @param quiet the texts alone */
  constructor(
    private readonly write: (text: string) => void,
    private readonly quiet: boolean,
  ) {}

  add(prompt: string, completion: Completion): void {
    this.#ended.push({ prompt, completion });
    this.#timer ??= setImmediate(() => this.end());
  }

  /** Prints what is left. */
  end(): void {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    const ended = this.#ended;
    this.#ended = [];
    for (const batch of new Set(ended.map(({ completion }) => completion.batch))) {
      this.#print(
        batch,
        ended.filter(({ completion }) => completion.batch === batch),
      );
    }
  }

  #print(batch: number, ended: readonly { readonly prompt: string; readonly completion: Completion }[]): void {
    const first = ended[0]?.completion;
    if (!first) return;
    if (!this.quiet) {
      this.write(`Batch ${batch} (${counted(first.batchSize, "prompt")}), done in ${duration(first.latencyMs)}\n\n`);
    }
    for (const { prompt, completion } of ended) {
      if (this.quiet) this.write(`${completion.text.trim()}\n`);
      else this.write(`> ${prompt}\n${completion.text.trim()}\n  [${figures(completion)}]\n\n`);
    }
  }
}

function figures({ promptTokens, completionTokens, finishReason, latencyMs }: Completion): string {
  return `${counted(promptTokens, "prompt token")}, ${completionTokens} new in ${duration(latencyMs)}, ${finishReason}`;
}

/** What every kind of chaos does: it sends something hostile and counts what became of it and of everybody else. */

export interface Tally {
  sent: number;
  /** Answered, and the answer is what it must be. */
  right: number;
  /** Told no, with a reason. */
  refused: number;
  /** No answer at all. */
  lost: number;
  /** Answered with something that must not be. */
  wrong: number;
  /** Nothing within the time. */
  hung: number;
  /** What the figures do not say. */
  notes: string[];
}

export interface Kind {
  readonly name: string;
  /** @param size how much is sent: 1 is the full measure */
  run(size: number): Promise<Tally>;
}

export function newTally(): Tally {
  return { sent: 0, right: 0, refused: 0, lost: 0, wrong: 0, hung: 0, notes: [] };
}

/** So many of the full measure, at least one. */
export function scaled(full: number, size: number): number {
  return Math.max(1, Math.round(full * size));
}

/** Whether anything happened that must not. */
export function failed({ lost, wrong, hung }: Tally): boolean {
  return lost + wrong + hung > 0;
}

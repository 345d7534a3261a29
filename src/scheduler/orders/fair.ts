import type { Order, OrderDefinition } from "../order.js";
import type { Sequence } from "../request.js";

interface Account {
  servedTokens: number;
  /** Requests of this user that are queued or running. */
  active: number;
}

/**
 * The user who was served the fewest tokens goes first (the virtual token counter of Sheng et al., "Fairness in Serving
 * Large Language Models", 2024). Whoever comes back after a pause is lifted to the least of those who are active, so that
 * a pause saves up nothing.
 */
export const fair: OrderDefinition = {
  name: "fair",
  summary: "the user with the fewest served tokens first",
  create: () => new FairOrder(),
};

class FairOrder implements Order {
  readonly name = "fair";
  readonly preempts = false;
  readonly #accounts = new Map<string, Account>();
  /** What the user had who was the last to leave an empty house. */
  #lastServedTokens = 0;

  rank({ request }: Sequence): number {
    return this.#account(request.user).servedTokens;
  }

  joined({ request }: Sequence): void {
    const leastTokens = this.#leastActive();
    this.#forgetUpTo(leastTokens);
    const account = this.#account(request.user);
    if (account.active++ === 0) account.servedTokens = Math.max(account.servedTokens, leastTokens);
  }

  served({ request }: Sequence, tokens: number): void {
    this.#account(request.user).servedTokens += tokens;
  }

  left({ request }: Sequence): void {
    const account = this.#account(request.user);
    account.active--;
    this.#lastServedTokens = account.servedTokens;
  }

  #account(user: string): Account {
    let account = this.#accounts.get(user);
    if (account === undefined) {
      account = { servedTokens: 0, active: 0 };
      this.#accounts.set(user, account);
    }
    return account;
  }

  #leastActive(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { active, servedTokens } of this.#accounts.values())
      if (active > 0) least = Math.min(least, servedTokens);
    return least === Number.POSITIVE_INFINITY ? this.#lastServedTokens : least;
  }

  /** Absent users whom a lift would bring to `tokens` anyway need no account. */
  #forgetUpTo(tokens: number): void {
    for (const [user, { active, servedTokens }] of this.#accounts) {
      if (active === 0 && servedTokens <= tokens) this.#accounts.delete(user);
    }
  }
}

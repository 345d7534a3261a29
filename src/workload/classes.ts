/** What sets requests apart for a queue order: priorities, users and deadlines. */
import { SluiceError } from "../errors.js";
import type { Random } from "../random.js";
import type { LengthDistribution } from "./lengths.js";

/** A request's class; what is missing means: priority 0, nobody, no deadline. */
export interface RequestClass {
  /** Lower is more urgent. */
  readonly priority?: number;
  readonly user?: string;
  /** The last token must have come so many milliseconds after the request was sent. */
  readonly timeoutMs?: number;
}

/** Values and how often each is drawn. */
export type Shares<T> = readonly { readonly value: T; readonly share: number }[];

/** How classes are drawn; what is undefined is as the prompt or the trace says. */
export interface ClassSettings {
  readonly priorities: Shares<number> | undefined;
  readonly users: Shares<string> | undefined;
  /** In milliseconds. */
  readonly timeouts: LengthDistribution | undefined;
}

/** @param stated what the prompt or the trace says */
export function drawClass(settings: ClassSettings, stated: RequestClass | undefined, random: Random): RequestClass {
  const priority = settings.priorities ? draw(settings.priorities, random) : stated?.priority;
  const user = settings.users ? draw(settings.users, random) : stated?.user;
  const timeoutMs = settings.timeouts?.sample(random) ?? stated?.timeoutMs;
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(user === undefined ? {} : { user }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function draw<T>(shares: Shares<T>, random: Random): T {
  let left = random.uniform() * shares.reduce((sum, { share }) => sum + share, 0);
  for (const { value, share } of shares) {
    left -= share;
    if (left < 0) return value;
  }
  return shares.at(-1)!.value;
}

/**
 * Reads `0:0.2,1:0.8`: priorities and their shares.
 *
 * @throws SluiceError `usage`
 */
export function parsePriorities(text: string): Shares<number> {
  const example = '"0:0.2,1:0.8": whole numbers, each with its share';
  return parseShares(text, "--priorities", example).map(({ value, share }) => {
    if (/^-?\d{1,9}$/.test(value)) return { value: Number(value), share };
    throw wrong("--priorities", text, example);
  });
}

/**
 * Reads `4`, users who send equally much, or `heavy:0.7,light:0.3`.
 *
 * @throws SluiceError `usage`
 */
export function parseUsers(text: string): Shares<string> {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count > 0) return Array.from({ length: count }, (_, index) => ({ value: `user-${index + 1}`, share: 1 }));
  return parseShares(text, "--users", 'a number, or "heavy:0.7,light:0.3": names, each with its share');
}

function parseShares(text: string, option: string, example: string): Shares<string> {
  const shares = text.split(",").map((part) => {
    const match = /^\s*([^:,\s]{1,256}):(\d+(?:\.\d+)?)\s*$/.exec(part);
    if (!match) throw wrong(option, text, example);
    return { value: match[1] ?? "", share: Number(match[2]) };
  });
  if (shares.every(({ share }) => share === 0)) throw wrong(option, text, example);
  return shares;
}

function wrong(option: string, text: string, example: string): SluiceError {
  return new SluiceError("usage", `${option}: "${text}" must be ${example}`);
}

const FIELDS = { priority: /^priority$/i, user: /^user(_?id)?$/i, timeoutMs: /^deadline_?ms$/i } as const;

/**
 * The class that an entry of a file states in its fields `priority`, `user` and `deadline_ms`; undefined: none.
 *
 * @param where the entry stands, for the message
 * @throws SluiceError `usage`
 */
export function statedClass(fields: Readonly<Record<string, unknown>>, where: string): RequestClass | undefined {
  const found = (of: RegExp): unknown => {
    const name = Object.keys(fields).find((key) => of.test(key));
    const value = name === undefined ? undefined : fields[name];
    return value === null || value === "" ? undefined : value;
  };
  const priority = numberIn(found(FIELDS.priority), `${where}: priority`, -2_147_483_648);
  const timeoutMs = numberIn(found(FIELDS.timeoutMs), `${where}: deadline_ms`, 1);
  const user = found(FIELDS.user);
  if (priority === undefined && timeoutMs === undefined && user === undefined) return undefined;
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(user === undefined ? {} : { user: String(user).slice(0, 256) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function numberIn(value: unknown, what: string, min: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= min) return number;
  throw new SluiceError("usage", `${what} must be a whole number of at least ${min}, got ${JSON.stringify(value)}`);
}

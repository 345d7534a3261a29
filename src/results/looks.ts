/**
 * Looking at a test several times while its data come in. A test that is made anew at every look, each time at the whole
 * level, finds differences that are not there more often than its level says. So the level is spent: of `alpha` the share
 * tᵖ may be used up when the share t of the planned rounds is in (Lan and DeMets, Biometrika 1983; the power family of Kim
 * and DeMets, 1987), and each look's own level follows from what earlier looks left (Armitage, McPherson and Rowe, 1969).
 *
 * The levels are those of normal scores with independent increments; with t tests in their place, as usual, each at the
 * level of its look. `benchmarks/verdicts.ts` measures what comes of it.
 */
import { normalQuantile, normalUpperTail } from "./normal.js";

/** 1 spends evenly: large differences are found at the first look, small ones still have a chance at the last. */
const SPENDING_POWER = 1;
/** Points of the grid that the scores' density is followed on, and how far out it goes. */
const GRID_POINTS = 241;
const GRID_REACH = 8;

const known = new Map<string, readonly number[]>();

/**
 * The two-sided level of each look.
 *
 * @param shares of the planned rounds that are in at each look, rising, the last at most 1
 */
export function levelsOfLooks(shares: readonly number[], alpha: number): readonly number[] {
  const key = `${alpha} ${shares.join(" ")}`;
  let levels = known.get(key);
  if (levels === undefined) {
    levels = spend(shares, alpha);
    known.set(key, levels);
  }
  return levels;
}

/** Follows the density of the scores that have stayed inside every bound so far, and puts each bound where its share is spent. */
function spend(shares: readonly number[], alpha: number): number[] {
  const levels: number[] = [];
  let inside: Density | undefined;
  let spent = 0;
  let before = 0;
  for (const share of shares) {
    const total = alpha * share ** SPENDING_POWER;
    const increment = share - before;
    const outside = (bound: number): number => crossing(inside, bound * Math.sqrt(share), increment);
    const bound = boundWhere(outside, total - spent);
    levels.push(2 * normalUpperTail(bound));
    inside = advance(inside, bound * Math.sqrt(share), increment);
    spent = total;
    before = share;
  }
  return levels;
}

/** A density on an even grid of scores. */
interface Density {
  readonly at: Float64Array;
  readonly weight: Float64Array;
}

/** The probability that a score which stayed inside so far is beyond ±bound after this increment. */
function crossing(inside: Density | undefined, bound: number, increment: number): number {
  const sd = Math.sqrt(increment);
  if (!inside) return 2 * normalUpperTail(bound / sd);
  let sum = 0;
  for (let i = 0; i < inside.at.length; i++) {
    const score = inside.at[i]!;
    sum += inside.weight[i]! * (normalUpperTail((bound - score) / sd) + normalUpperTail((bound + score) / sd));
  }
  return sum;
}

function advance(inside: Density | undefined, bound: number, increment: number): Density {
  const reach = Math.min(bound, GRID_REACH);
  const step = (2 * reach) / (GRID_POINTS - 1);
  const at = Float64Array.from({ length: GRID_POINTS }, (_, i) => -reach + i * step);
  const weight = at.map((score, i) => step * simpson(i) * densityAt(inside, score, increment));
  return { at, weight };
}

function densityAt(inside: Density | undefined, score: number, increment: number): number {
  const scale = 1 / Math.sqrt(2 * Math.PI * increment);
  const bell = (distance: number): number => scale * Math.exp((-distance * distance) / (2 * increment));
  if (!inside) return bell(score);
  let sum = 0;
  for (let i = 0; i < inside.at.length; i++) sum += inside.weight[i]! * bell(score - inside.at[i]!);
  return sum;
}

function simpson(index: number): number {
  if (index === 0 || index === GRID_POINTS - 1) return 1 / 3;
  return index % 2 === 1 ? 4 / 3 : 2 / 3;
}

function boundWhere(outside: (bound: number) => number, wanted: number): number {
  let low = 0;
  let high = normalQuantile(1 - wanted / 4) + 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (outside(middle) > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Colours that stay apart for the colour-blind, in print and on dark screens. The same scheduler always has the same one. */
import { hash32 } from "../../random.js";

/** Okabe and Ito's set (Color Universal Design, 2008), by scheduler. */
const OF_SCHEDULER: Readonly<Record<string, string>> = {
  sequential: "#7f7f7f",
  naive: "#d55e00",
  "async-naive": "#e69f00",
  static: "#cc79a7",
  dynamic: "#009e73",
  continuous: "#0072b2",
  remote: "#56b4e9",
};

/** Paul Tol's "muted" set: for schedulers of the user's own. */
const OTHERS = [
  "#882255",
  "#44aa99",
  "#999933",
  "#aa4499",
  "#117733",
  "#cc6677",
  "#6a5fc1",
  "#b8860b",
  "#4477aa",
  "#a0522d",
] as const;

/** In the order in which series take them: told apart where colour is not. */
const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"] as const;

export const WAITING_COLOR = "#b5b5b5";

export interface SeriesStyle {
  readonly color: string;
  readonly shape: string;
}

/**
 * A style for every series. A scheduler's own name has its fixed colour, its variants (`static maxBatchSize=4`) are shades
 * of that; any other name takes the colour that it points to, or the next free one, so that two series share one only
 * when there are more series than colours.
 */
export function seriesStyles(labels: readonly string[]): Map<string, SeriesStyle> {
  const styles = new Map<string, SeriesStyle>();
  const uses = OTHERS.map(() => 0);
  for (const label of [...labels].sort()) {
    if (OF_SCHEDULER[familyOf(label)] !== undefined) styles.set(label, variantStyle(label, labels));
    else {
      const place = leastUsed(uses, hashOf(label) % OTHERS.length);
      styles.set(label, { color: OTHERS[place] ?? "#000000", shape: shapeOf(place + (uses[place] ?? 0)) });
      uses[place] = (uses[place] ?? 0) + 1;
    }
  }
  return styles;
}

/** The scale that gives each series its colour, for a Vega-Lite encoding. */
export function colorScale(labels: readonly string[]): { domain: string[]; range: string[] } {
  const styles = seriesStyles(labels);
  return { domain: [...labels], range: labels.map((label) => styles.get(label)?.color ?? "#000000") };
}

/** The same for point shapes. */
export function shapeScale(labels: readonly string[]): { domain: string[]; range: string[] } {
  const styles = seriesStyles(labels);
  return { domain: [...labels], range: labels.map((label) => styles.get(label)?.shape ?? "circle") };
}

/** Colours for steps of a quantity (waits, sizes, statistics): dark to light along viridis, without its pale end. */
export function orderedColors(count: number): string[] {
  const stops = ["#7b4fb5", "#3f6db0", "#21918c", "#5ec962", "#d9b600"] as const;
  return Array.from({ length: count }, (_, i) => {
    const place = count === 1 ? 1 : (i / (count - 1)) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    return mix(stops[low] ?? stops[0], stops[low + 1] ?? stops[4], place - low);
  });
}

function mix(from: string, to: string, share: number): string {
  const channel = (color: string, i: number): number => Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16);
  const channels = [0, 1, 2].map((i) => Math.round(channel(from, i) + (channel(to, i) - channel(from, i)) * share));
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function variantStyle(label: string, labels: readonly string[]): SeriesStyle {
  const name = familyOf(label);
  const family = labels.filter((other) => familyOf(other) === name);
  const variants = family.filter((other) => other !== name).sort(byNumber);
  const place = variants.indexOf(label);
  const fixed = OF_SCHEDULER[name] ?? "#000000";
  const color = place < 0 || family.length === 1 ? fixed : shade(fixed, place, variants.length);
  return { color, shape: shapeOf(Object.keys(OF_SCHEDULER).indexOf(name) + place + 1) };
}

/** The scheduler that a label is a variant of: options follow a space or a colon. */
function familyOf(label: string): string {
  return label.split(/[ :]/, 1)[0] ?? label;
}

/** `maxBatchSize=4` before `maxBatchSize=16`, whatever the machine's language. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** The `place`-th of `count` shades, light to dark, none of them the colour itself. */
function shade(color: string, place: number, count: number): string {
  const steps = count + (count % 2);
  const position = (2 * place) / (steps - 1) - 1;
  // Darker ones would be lost on a dark page.
  return position < 0 ? mix(color, "#ffffff", -0.55 * position) : mix(color, "#000000", 0.35 * position);
}

function leastUsed(uses: readonly number[], preferred: number): number {
  const least = Math.min(...uses);
  for (let i = 0; i < uses.length; i++) {
    const place = (preferred + i) % uses.length;
    if (uses[place] === least) return place;
  }
  return preferred;
}

function hashOf(label: string): number {
  let hash = 0;
  for (const character of label) hash = hash32(hash, character.codePointAt(0) ?? 0);
  return hash;
}

function shapeOf(index: number): string {
  return SHAPES[index % SHAPES.length] ?? "circle";
}

import type { Kind } from "../kind.js";
import { bursts } from "./bursts.js";
import { keys } from "./keys.js";
import { largeRuns } from "./large-runs.js";
import { leaks } from "./leaks.js";
import { liars } from "./liars.js";
import { markers } from "./markers.js";
import { pipelined } from "./pipelined.js";
import { repeats } from "./repeats.js";
import { rows } from "./rows.js";
import { schemas } from "./schemas.js";
import { stop } from "./stop.js";

/** Everything that is tried. Model files have a benchmark of their own: hostile-models.ts. */
export const KINDS: readonly Kind[] = [
  ...[schemas, rows, keys, stop, repeats, liars, largeRuns],
  ...[pipelined, markers, bursts, leaks],
];

import type { PolicyDefinition } from "../policy.js";
import { asyncNaive } from "./async-naive.js";
import { continuous } from "./continuous.js";
import { dynamic } from "./dynamic.js";
import { naive } from "./naive.js";
import { sequential } from "./sequential.js";
import { staticBatching } from "./static.js";

/** The policies that come with Sluice, in the order in which tables show them. */
export const POLICIES: readonly PolicyDefinition[] = [
  sequential,
  naive,
  asyncNaive,
  staticBatching,
  dynamic,
  continuous,
] as unknown as readonly PolicyDefinition[];

import type { OrderDefinition } from "../order.js";
import { edf } from "./edf.js";
import { fair } from "./fair.js";
import { fcfs } from "./fcfs.js";
import { priority } from "./priority.js";
import { sjf } from "./sjf.js";

/** The queue orders that come with Sluice. */
export const ORDERS: readonly OrderDefinition[] = [fcfs, sjf, priority, edf, fair];

import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SluiceError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { resolveOptions } from "../options.js";
import type { OrderDefinition } from "./order.js";
import { ORDERS } from "./orders/registry.js";
import type { SchedulerLimits } from "./parts.js";
import { POLICIES } from "./policies/registry.js";
import type { Policy, PolicyDefinition } from "./policy.js";
import { Scheduler } from "./scheduler.js";
import type { SchedulerSettings } from "./settings.js";

/**
 * A policy by the name of one that comes with Sluice, or by the path of a file that exports one as its default.
 *
 * @throws SluiceError `usage` when there is no such policy or the file does not export one
 */
export async function loadPolicy(nameOrPath: string): Promise<PolicyDefinition> {
  const known = POLICIES.find(({ name }) => name === nameOrPath);
  if (known !== undefined) return known;
  if (!looksLikePath(nameOrPath)) {
    const names = POLICIES.map(({ name }) => name);
    const hint = didYouMean(nameOrPath, names) || `; there are ${names.join(", ")}, or give the path of a policy file`;
    throw new SluiceError("usage", `no scheduler is called "${nameOrPath}"${hint}`, { field: "schedulers" });
  }
  const path = isAbsolute(nameOrPath) ? nameOrPath : resolve(nameOrPath);
  if (!existsSync(path)) throw new SluiceError("usage", `there is no policy file ${path}`, { field: "schedulers" });
  return policyOf(path, await importPolicy(path));
}

/** @throws SluiceError `usage` when there is no such order */
export function findOrder(name: string): OrderDefinition {
  const found = ORDERS.find((order) => order.name === name);
  if (found !== undefined) return found;
  const names = ORDERS.map((order) => order.name);
  throw new SluiceError(
    "usage",
    `no queue order is called "${name}"${didYouMean(name, names)}; there are ${names.join(", ")}`,
    {
      field: "order",
    },
  );
}

/**
 * The most sequences that a scheduler of these settings runs at once: as many slots does it need.
 *
 * @throws SluiceError `usage` when the settings are wrong
 */
export async function sequencesOf({ policy, policyOptions }: SchedulerSettings): Promise<number> {
  return (await policyFor(policy, policyOptions)).maxSequences;
}

async function policyFor(name: string, given: SchedulerSettings["policyOptions"]): Promise<Policy> {
  const definition = await loadPolicy(name);
  return definition.create(resolveOptions(definition.name, definition.options, given));
}

/**
 * Makes the scheduler that the settings describe.
 *
 * @throws SluiceError `usage` when the settings are wrong or ask for more sequences than the engine has slots
 */
export async function makeScheduler(
  settings: SchedulerSettings,
  limits: SchedulerLimits,
  nowMs: number,
): Promise<Scheduler> {
  const policy = await policyFor(settings.policy, settings.policyOptions);
  if (policy.maxSequences > limits.slots) {
    const message = `${settings.policy} runs up to ${policy.maxSequences} sequences, and the engine has ${limits.slots} slots; give it as many, or let the policy run fewer`;
    throw new SluiceError("usage", message, { field: "slots" });
  }
  const order = findOrder(settings.order).create();
  return new Scheduler({ ...settings, ...limits, policy, order }, nowMs);
}

function looksLikePath(text: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(text);
}

async function importPolicy(path: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("usage", `the policy file ${path} cannot be loaded: ${reason}`, {
      field: "schedulers",
      cause,
    });
  }
}

function policyOf(path: string, exported: unknown): PolicyDefinition {
  const definition = exported as Partial<PolicyDefinition> | null | undefined;
  if (typeof definition?.name === "string" && typeof definition.create === "function") {
    return { summary: "", options: {}, ...definition } as PolicyDefinition;
  }
  throw new SluiceError("usage", `${path} must export a policy as its default: { name, options, create(options) }`, {
    field: "schedulers",
  });
}

/** Everything that Sluice exports, name by name. */
export type { Engine, EngineInfo } from "./engine/engine.js";
export { ERRORS, type ErrorCode, SluiceError } from "./errors.js";
export type { Chunk, Completion } from "./host/collector.js";
export { yieldToEngine } from "./host/priority.js";
export type { HostStats } from "./host/protocol.js";
export type { RequestOptions } from "./host/request.js";
export { DEFAULT_ENGINE, type Device, type EngineSettings } from "./host/settings.js";
export {
  batchLimit,
  batchWait,
  count,
  flag,
  milliseconds,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  share,
} from "./options.js";
export type { SchedulerCounters } from "./scheduler/counters.js";
export type { Order, OrderDefinition } from "./scheduler/order.js";
export {
  definePolicy,
  type Policy,
  type PolicyDefinition,
  type RowPlan,
  type SchedulerView,
  type Setup,
  type Start,
  type WaitUntil,
} from "./scheduler/policy.js";
export {
  DEFAULT_MAX_TOKENS,
  DEFAULT_SAMPLING,
  type FinishReason,
  type SampledLogprobs,
  type Sequence,
} from "./scheduler/request.js";
export { promptsThenTokens, tokensWithPrompts, withinBudget } from "./scheduler/rows.js";
export { DEFAULT_SCHEDULER, type SchedulerSettings } from "./scheduler/settings.js";
export type { Row, Sample, SlotChange, Step, StepOutcome } from "./scheduler/step.js";
export { type CallOptions, Sluice, type SluiceOptions } from "./sluice.js";
export type { Correction } from "./tutor/tutor.js";

/** `sluice/conformance`: what every policy and every engine must pass, for whoever writes one. */
export { ENGINE_CHECKS, type EngineCheck, NEAR_TIE } from "./engine.js";
export { POLICY_CHECKS, type PolicyCheck } from "./policy.js";

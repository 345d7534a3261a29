import { Command } from "commander";
import { POLICY_CHECKS } from "../../conformance/policy.js";
import { SluiceError } from "../../errors.js";
import { resolveOptions } from "../../options.js";
import { loadPolicy } from "../../scheduler/load.js";
import type { PolicyDefinition } from "../../scheduler/policy.js";

/** `sluice check FILE`: the conformance suite on a policy. Exit code 1 when a check fails. */
export function checkCommand(): Command {
  return new Command("check")
    .description("run the conformance suite on a policy")
    .argument("<policy>", "a policy file, or the name of a policy that comes with Sluice")
    .addHelpText("after", "\nExample:\n  sluice check ./my-policy.js")
    .action(async (policy: string) => {
      const definition = await loadPolicy(policy);
      resolveOptions(definition.name, definition.options, {});
      const failed = POLICY_CHECKS.filter((check) => !passes(check, definition)).length;
      const passed = POLICY_CHECKS.length - failed;
      process.stdout.write(`${definition.name}: ${passed} of ${POLICY_CHECKS.length} checks passed\n`);
      if (failed > 0) process.exitCode = 1;
    });
}

function passes(check: (typeof POLICY_CHECKS)[number], definition: PolicyDefinition): boolean {
  try {
    check.run(definition);
    process.stdout.write(`  ok    ${check.name}\n`);
    return true;
  } catch (error) {
    process.stdout.write(`  FAIL  ${check.name}\n        ${SluiceError.from(error).message}\n`);
    return false;
  }
}

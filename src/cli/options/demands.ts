import type { Command } from "commander";
import type { Demands } from "../../report/demands.js";
import { parseRequirements } from "../../report/requirements.js";
import { parseObjectives } from "../../results/slo.js";

export interface DemandFlags {
  slo?: string;
  failUnder?: string;
}

/** What results are held to: exit code 1 where they do not meet it. */
export function addDemandOptions(command: Command): Command {
  return command
    .optionsGroup("Demands, exit code 1 where they are not met:")
    .option("--slo <objectives>", "goodput under objectives such as 'ttft_p95<500ms,tpot_p95<50ms'")
    .option("--fail-under <limits>", "what every result must hold, such as 'req/s>5,p95<2s,failed<1%'");
}

/** @throws SluiceError `usage` */
export function demandsOf({ slo, failUnder }: DemandFlags): Demands {
  return {
    objectives: slo === undefined ? [] : parseObjectives(slo),
    requirements: failUnder === undefined ? [] : parseRequirements(failUnder),
  };
}

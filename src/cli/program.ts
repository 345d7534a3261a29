/** The command line as a whole: which commands there are, where settings come from, how errors look. */
import { Command, CommanderError } from "commander";
import { SluiceError } from "../errors.js";
import { packageVersion } from "../results/manifest.js";
import { refuseBlanks } from "./blank.js";
import { benchCommand } from "./commands/bench.js";
import { checkCommand } from "./commands/check.js";
import { compareCommand } from "./commands/compare.js";
import { generateCommand } from "./commands/generate.js";
import { loadtestCommand } from "./commands/loadtest.js";
import { modelCommand } from "./commands/model.js";
import { plotCommand } from "./commands/plot.js";
import { serveCommand } from "./commands/serve.js";
import { sweepCommand } from "./commands/sweep.js";
import { workersCommand } from "./commands/workers.js";
import { applyConfig, loadEnvironment } from "./config.js";
import { checkNeeds } from "./needs.js";
import { typeSettings } from "./options/settings.js";

/** Wrong input, or something that is needed and not there. */
const EXIT_REFUSED = 2;

/** Every command; a new one is one line here. */
const COMMANDS: readonly (() => Command)[] = [
  generateCommand,
  benchCommand,
  sweepCommand,
  workersCommand,
  loadtestCommand,
  plotCommand,
  compareCommand,
  serveCommand,
  checkCommand,
  modelCommand,
];

/**
 * Runs a command line. @param words what follows `sluice`
 * @returns the exit code: 0, what the command set, or 2 with one line on stderr
 */
export async function runCli(words: readonly string[]): Promise<number> {
  try {
    loadEnvironment();
    await program().parseAsync([...words], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const code = failure(error);
    // Whoever interrupted a command hears of that, not of what broke off because of it.
    return Number(process.exitCode ?? 0) || code;
  }
}

/** Says what went wrong. @returns the exit code for it */
function failure(error: unknown): number {
  if (error instanceof CommanderError) return commandLineFailure(error);
  if (error instanceof SluiceError) return refuse(error.message);
  if (process.env.SLUICE_DEBUG) console.error(error);
  return refuse(`a fault in Sluice itself: ${String(error)} (SLUICE_DEBUG=1 shows where)`);
}

function program(): Command {
  const root = new Command("sluice")
    .description("An LLM request scheduler and server, and the bench that proves which scheduler wins.")
    .version(packageVersion())
    .showHelpAfterError(false)
    .showSuggestionAfterError(true);
  for (const make of COMMANDS) root.addCommand(make());
  for (const command of [root, ...root.commands.flatMap(withSubcommands)]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  root.hook("preAction", async (_, command) => {
    await applyConfig(command);
    refuseBlanks(command);
    typeSettings(command);
    checkNeeds(command);
  });
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function commandLineFailure(error: CommanderError): number {
  if (error.exitCode === 0) return 0;
  // A command that only holds others was named alone: its help has been printed.
  return error.code === "commander.help" ? EXIT_REFUSED : refuse(error.message);
}

/** One line, without the words "error:" that commander puts before its own. */
function refuse(message: string): number {
  console.error(`sluice: ${message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ")}`);
  return EXIT_REFUSED;
}

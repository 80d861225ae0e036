import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addData } from "./program/data.ts";
import { addEvaluating } from "./program/evaluating.ts";
import { addMiniature } from "./program/miniature.ts";
import { addModels } from "./program/models.ts";
import { addSearching } from "./program/searching.ts";
import { addSimulator } from "./program/simulator.ts";
import { addTraining } from "./program/training.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("zerosearch")
  .description("Teach a language model to search")
  .version(version)
  .showHelpAfterError()
  .exitOverride();

addMiniature(program);
addTraining(program);
addSimulator(program);
addData(program);
addSearching(program);
addEvaluating(program);
addModels(program);

const MISUSE = 2;

try {
  await program.parseAsync();
} catch (error) {
  const { exitCodeOf, messageOf } = await import("./failure.ts");
  const message = messageOf(error);
  if (message !== undefined) console.error(message);
  process.exitCode = exitCodeOf(error, MISUSE);
}

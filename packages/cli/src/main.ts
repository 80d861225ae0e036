#!/usr/bin/env node
import { Command } from "commander";

const program = new Command("zerosearch")
  .description("Teach a language model to search")
  .showHelpAfterError()
  .exitOverride();

program
  .command("doctor")
  .description("show what this machine offers and what makes it slow")
  .option("--json", "print one JSON object")
  .action(async (options: { json?: boolean }) => {
    const { runDoctor } = await import("./commands/doctor.ts");
    await runDoctor({ json: options.json ?? false });
  });

const MISUSE = 2;

try {
  await program.parseAsync();
} catch (error) {
  const { exitCodeOf, messageOf } = await import("./failure.ts");
  const message = messageOf(error);
  if (message !== undefined) console.error(message);
  process.exitCode = exitCodeOf(error, MISUSE);
}

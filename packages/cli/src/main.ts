#!/usr/bin/env node
import { Command, Option } from "commander";
import type { GenerateFlags } from "./commands/generate.ts";
import { numberFlag } from "./number-flag.ts";

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

program
  .command("generate")
  .description("continue a text with a model, streaming")
  .argument("<text>", "what to continue")
  .requiredOption("--model <folder>", "a model folder in Hugging Face's format")
  .option("--chat", "wrap the text as the user's turn of the model's chat template")
  .option("--max-tokens <n>", "most tokens to write; by default 256, or what the model has room for", numberFlag)
  .option("--temperature <t>", "0 takes the likeliest token", numberFlag, 1)
  .option("--top-p <p>", "only the likeliest tokens that add up to this", numberFlag, 1)
  .option("--seed <n>", "the same seed repeats the text", numberFlag, 0)
  .addOption(
    new Option("--dtype <dtype>", "the files' own by default").choices(["float32", "float64", "bfloat16", "float16"]),
  )
  .action(async (text: string, flags: GenerateFlags) => {
    const { runGenerate } = await import("./commands/generate.ts");
    await runGenerate(text, flags);
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

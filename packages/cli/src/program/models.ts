/** The verbs of models, and of the machine they run on. */
import { type Command, Option } from "commander";
import type { GenerateFlags } from "../commands/generate.ts";
import type { ServeFlags } from "../commands/serve.ts";
import { numberFlag } from "../number-flag.ts";

export function addModels(program: Command): void {
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
      const { runGenerate } = await import("../commands/generate.ts");
      await runGenerate(text, flags);
    });

  program
    .command("serve")
    .description("serve a model under OpenAI's API, as a simulator or for yourself")
    .requiredOption("--model <folder>", "a model folder in Hugging Face's format")
    .option("--host <address>", "who may connect; by default this machine only", "127.0.0.1")
    .option("--port <n>", "where to listen", numberFlag, 6001)
    .option("--api-key-env <name>", "the environment variable that holds the key clients must send")
    .option("--max-sequences <n>", "most texts at once", numberFlag)
    .addOption(
      new Option("--dtype <dtype>", "the files' own by default").choices(["float32", "float64", "bfloat16", "float16"]),
    )
    .addOption(
      new Option("--numerics <mode>", "bits that do not depend on the batch, or speed").choices(["exact", "fast"]),
    )
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import("../commands/serve.ts");
      await runServe(flags);
    });

  program
    .command("doctor")
    .description("show what this machine offers and what makes it slow")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: boolean }) => {
      const { runDoctor } = await import("../commands/doctor.ts");
      await runDoctor({ json: options.json ?? false });
    });
}

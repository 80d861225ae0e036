/** The verbs of data. */
import { type Command, Option } from "commander";
import type { DataConvertFlags } from "../commands/data-convert.ts";
import type { DataDownloadFlags } from "../commands/data-download.ts";
import type { DataInspectFlags } from "../commands/data-inspect.ts";
import { numberFlag } from "../number-flag.ts";

export function addData(program: Command): void {
  const data = program.command("data").description("questions, and prompts with completions, in files");

  data
    .command("download")
    .description("fetch data sets from the Hugging Face hub; without a name, list them")
    .argument("[names...]", "of data sets or groups, such as nq, benchmarks, zerosearch-train")
    .option("--cache <folder>", "where downloads are kept; by default zerosearch in your folder for caches")
    .option("--json", "print JSON lines")
    .action(async (names: string[], flags: DataDownloadFlags) => {
      const { runDataDownload } = await import("../commands/data-download.ts");
      await runDataDownload(names, flags);
    });

  data
    .command("inspect")
    .description("what is in a file: rows, schema, sources, lengths, and every invalid row with its place")
    .argument("<file>", "parquet, JSON lines, JSON or CSV")
    .option("--rows <n>", "how many of the first are shown", numberFlag, 3)
    .option("--tokenizer <folder>", "a model folder: lengths in its tokens, not in characters")
    .option("--json", "print one JSON object")
    .action(async (file: string, flags: DataInspectFlags) => {
      const { runDataInspect } = await import("../commands/data-inspect.ts");
      await runDataInspect(file, flags);
    });

  data
    .command("convert")
    .description("write a file in another format: parquet, JSON lines, JSON or CSV by the name's ending")
    .argument("<in>", "questions, or prompts with completions")
    .argument("<out>", "is overwritten")
    .addOption(
      new Option("--schema <name>", "of prompts with completions").choices(["prompt-completion", "alpaca", "sharegpt"]),
    )
    .option("--split <name>", "what questions in parquet say of their split; by default train")
    .option("--skip-invalid", "leave invalid rows out, and list them")
    .option("--json", "print one JSON object")
    .action(async (input: string, output: string, flags: DataConvertFlags) => {
      const { runDataConvert } = await import("../commands/data-convert.ts");
      await runDataConvert(input, output, flags);
    });
}

#!/usr/bin/env node
import { Command, Option } from "commander";
import type { AskFlags } from "./commands/ask.ts";
import type { DataConvertFlags } from "./commands/data-convert.ts";
import type { DataDownloadFlags } from "./commands/data-download.ts";
import type { DataInspectFlags } from "./commands/data-inspect.ts";
import type { EvalFlags } from "./commands/eval.ts";
import type { GenerateFlags } from "./commands/generate.ts";
import type { IndexCorpusFlags } from "./commands/index-corpus.ts";
import type { QuickStartFlags } from "./commands/quick-start.ts";
import type { ReplayFlags } from "./commands/replay.ts";
import type { ReportFlags } from "./commands/report.ts";
import type { ReproduceFlags } from "./commands/reproduce.ts";
import type { ServeFlags } from "./commands/serve.ts";
import type { SftFlags } from "./commands/sft.ts";
import type { AuditFlags } from "./commands/simulator/audit.ts";
import type { BuildFlags } from "./commands/simulator/build.ts";
import type { CollectFlags } from "./commands/simulator/collect.ts";
import type { LabelFlags } from "./commands/simulator/label.ts";
import type { TrainFlags } from "./commands/train.ts";
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

program
  .command("index")
  .description("make a BM25 index of a corpus, for `retrieve` and for searching in process")
  .argument("<corpus>", "JSON lines, parquet or plain text, also gzipped")
  .requiredOption("--out <file>", "where the index goes")
  .addOption(
    new Option("--tokenizer <name>", "how words are compared")
      .choices(["porter unicode61", "unicode61", "trigram"])
      .default("porter unicode61"),
  )
  .addOption(
    new Option("--text-unit <unit>", "what a passage of plain text is").choices(["line", "paragraph"]).default("line"),
  )
  .option("--json", "print one JSON object")
  .action(async (corpus: string, flags: IndexCorpusFlags) => {
    const { runIndexCorpus } = await import("./commands/index-corpus.ts");
    await runIndexCorpus(corpus, flags);
  });

program
  .command("retrieve")
  .description("serve an index under the contracts of the Wikipedia retriever and of Search-R1")
  .argument("<index>", "made by `zerosearch index`")
  .option("--host <address>", "who may connect; by default this machine only", "127.0.0.1")
  .option("--port <n...>", "one or several ports", (text, ports: number[] = []) => [...ports, numberFlag(text)])
  .action(async (index: string, { host, port = [6002, 8000] }: { host: string; port?: number[] }) => {
    const { runRetrieve } = await import("./commands/retrieve.ts");
    await runRetrieve(index, { host, port });
  });

program
  .command("quick-start")
  .description("train a search agent on a small world, in minutes, and see what it learned")
  .option("--seed <n>", "of every random draw", numberFlag, 0)
  .option("--steps <n>", "of training", numberFlag, 50)
  .option("--algorithm <name>", "grpo, ppo, reinforce, rloo, reinforce++, dr-grpo, dapo, gspo or cispo", "grpo")
  .addOption(
    new Option("--search <engine>", "what it searches in training").choices(["simulated", "real"]).default("simulated"),
  )
  .option("--name <run>", "of the run's folder; by default made of the choices")
  .option("--runs <folder>", "where runs are kept", "runs")
  .action(async (flags: QuickStartFlags) => {
    const { runQuickStart } = await import("./commands/quick-start.ts");
    await runQuickStart(flags);
  });

program
  .command("reproduce")
  .description("run the paper's comparisons on the small world, with several seeds, and print a table")
  .option("--folder <folder>", "where the runs are kept", "runs/reproduction")
  .option("--seeds <n>", "of each experiment", numberFlag, 3)
  .option("--steps <n>", "of training", numberFlag, 50)
  .option("--parallel <n>", "runs at the same time", numberFlag, 1)
  .option("--only <names...>", "some of the experiments")
  .addOption(new Option("--job <name:seed>").hideHelp())
  .action(async (flags: ReproduceFlags) => {
    const { runReproduce } = await import("./commands/reproduce.ts");
    await runReproduce(flags);
  });

program
  .command("train")
  .description("teach a policy to search, by a configuration; see configs/")
  .option("--config <file>", "a JSON file; settings after it override it: --algorithm ppo --actor.lr 1e-6")
  .option("--name <run>", "of the run, and of its folder", "train")
  .option("--runs <folder>", "where runs are kept", "runs")
  .option("--resume", "continue the run of this name from its last checkpoint")
  .option("--dry-run", "resolve and check everything, estimate memory, and stop")
  .option("--threads <n>", "of one operator", numberFlag, 1)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: TrainFlags, command: Command) => {
    const { runTrain } = await import("./commands/train.ts");
    await runTrain(flags, command.args);
  });

/** `zerosearch sft`, which is `zerosearch simulator sft` as well: the step that makes a simulator of records. */
function addSft(parent: Command): void {
  parent
    .command("sft")
    .description("fine-tune a model on prompts and completions: simulators, cold starts")
    .option("--config <file>", "a JSON file; settings after it override it: --epochs 2 --optimizer.lr 1e-6")
    .option("--name <run>", "of the run, and of its folder", "sft")
    .option("--runs <folder>", "where runs are kept", "runs")
    .option("--resume", "continue the run of this name from its last checkpoint")
    .option("--dry-run", "resolve and check everything, count steps and tokens, and stop")
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: SftFlags, command: Command) => {
      const { runSft } = await import("./commands/sft.ts");
      await runSft(flags, command.args);
    });
}

addSft(program);

const simulator = program
  .command("simulator")
  .description("from searches to a simulator that may be trained on; see docs/simulator-tuning.md");

simulator
  .command("collect")
  .description("let a policy answer questions with a real engine, and keep every search")
  .option("--config <file>", "a JSON file; settings after it override it: --data.maxQuestions 500 --out searches.jsonl")
  .option("--threads <n>", "of one operator; by default one per core", numberFlag)
  .option("--json", "print one JSON object")
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: CollectFlags, command: Command) => {
    const { runSimulatorCollect } = await import("./commands/simulator/collect.ts");
    await runSimulatorCollect(flags, command.args);
  });

simulator
  .command("label")
  .description("say of every page that was found whether it is useful or noisy")
  .option(
    "--config <file>",
    "a JSON file; settings after it override it: --searches searches.jsonl --judge.kind containment --out labelled.jsonl",
  )
  .option("--threads <n>", "of one operator; by default one per core", numberFlag)
  .option("--json", "print one JSON object")
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: LabelFlags, command: Command) => {
    const { runSimulatorLabel } = await import("./commands/simulator/label.ts");
    await runSimulatorLabel(flags, command.args);
  });

simulator
  .command("build")
  .description("make records for fine-tuning, in the simulator's own prompts")
  .option(
    "--config <file>",
    "a JSON file; settings after it override it: --searches labelled.jsonl --prompt tuned --out records.jsonl",
  )
  .option("--json", "print one JSON object")
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: BuildFlags, command: Command) => {
    const { runSimulatorBuild } = await import("./commands/simulator/build.ts");
    await runSimulatorBuild(flags, command.args);
  });

addSft(simulator);

simulator
  .command("audit")
  .description("hold a simulator to thresholds before anyone trains on it; exits 1 where it falls short")
  .option(
    "--config <file>",
    "a JSON file; settings after it override it: --simulator.temperature 0.5 --thresholds.minUsefulHits 0.7 --out audit.md",
  )
  .option("--threads <n>", "of one operator; by default one per core", numberFlag)
  .option("--json", "print one JSON object")
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: AuditFlags, command: Command) => {
    const { runSimulatorAudit } = await import("./commands/simulator/audit.ts");
    await runSimulatorAudit(flags, command.args);
  });

program
  .command("replay")
  .description("play one rollout of a run again, token for token")
  .argument("<run>", "the run's folder")
  .requiredOption("--step <n>", "of training, from 1", numberFlag)
  .requiredOption("--question <id>", "as in the data")
  .option("--sample <n>", "which of the group's rollouts, from 0", numberFlag, 0)
  .action(async (run: string, flags: ReplayFlags) => {
    const { runReplay } = await import("./commands/replay.ts");
    await runReplay(run, flags);
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
    const { runServe } = await import("./commands/serve.ts");
    await runServe(flags);
  });

program
  .command("eval")
  .description("answer questions with a model and score every answer; see the settings in configs/")
  .option("--config <file>", "a JSON file; settings after it override it: --model.path DIR --data.files a.jsonl")
  .requiredOption("--out <folder>", "where the result goes")
  .option("--resume", "continue an evaluation that was interrupted; what failed is asked again")
  .option("--threads <n>", "of one operator; by default one per core", numberFlag)
  .option("--json", "print one JSON object")
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (flags: EvalFlags, command: Command) => {
    const { runEval } = await import("./commands/eval.ts");
    await runEval(flags, command.args);
  });

program
  .command("compare")
  .description("whether one of two evaluations is better: paired tests over the same questions")
  .argument("<first>", "a folder of `zerosearch eval`, or JSON lines of id, prediction, answers")
  .argument("<second>", "the same")
  .option("--json", "print one JSON object")
  .action(async (first: string, second: string, options: { json?: boolean }) => {
    const { runCompare } = await import("./commands/compare.ts");
    await runCompare(first, second, { json: options.json ?? false });
  });

program
  .command("ask")
  .description("ask a model that searches; without a question, a chat")
  .argument("[question]")
  .requiredOption("--model <folder>", "a model folder in Hugging Face's format")
  .requiredOption("--search <engine>", "local:INDEX, serpapi, wikipedia-retriever:URL, …, or a JSON file")
  .option("--max-turns <n>", "turns in which it may search", numberFlag, 5)
  .option("--temperature <t>", "0 takes the likeliest token", numberFlag, 0)
  .option("--prompt <text>", "a text with {question}, or a file that holds one; by default the paper's")
  .option("--threads <n>", "of one operator; by default one per core", numberFlag)
  .option("--json", "print one JSON object per question")
  .action(async (question: string | undefined, flags: AskFlags) => {
    const { runAsk } = await import("./commands/ask.ts");
    await runAsk(question, flags);
  });

const data = program.command("data").description("questions, and prompts with completions, in files");

data
  .command("download")
  .description("fetch data sets from the Hugging Face hub; without a name, list them")
  .argument("[names...]", "of data sets or groups, such as nq, benchmarks, zerosearch-train")
  .option("--cache <folder>", "where downloads are kept; by default zerosearch in your folder for caches")
  .option("--json", "print JSON lines")
  .action(async (names: string[], flags: DataDownloadFlags) => {
    const { runDataDownload } = await import("./commands/data-download.ts");
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
    const { runDataInspect } = await import("./commands/data-inspect.ts");
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
    const { runDataConvert } = await import("./commands/data-convert.ts");
    await runDataConvert(input, output, flags);
  });

program
  .command("score")
  .description("score predictions made elsewhere: strict exact match, cover exact match, F1")
  .argument("<file>", 'JSON lines {"prediction": string or null, "answers": [string]}')
  .option("--json", "print one JSON object")
  .action(async (file: string, options: { json?: boolean }) => {
    const { runScore } = await import("./commands/score.ts");
    await runScore(file, { json: options.json ?? false });
  });

program
  .command("report")
  .description("make a page of a training run that is over or still going, and sum it up")
  .argument("<run>", "the run's folder")
  .option("--out <file>", "where the page goes; by default report.html in the run's folder")
  .action(async (run: string, flags: ReportFlags) => {
    const { runReport } = await import("./commands/report.ts");
    await runReport(run, flags);
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

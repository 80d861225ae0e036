/** The verbs of searching: a corpus of one's own, and an agent to ask. */
import { type Command, Option } from "commander";
import type { AskFlags } from "../commands/ask.ts";
import type { IndexCorpusFlags } from "../commands/index-corpus.ts";
import { numberFlag } from "../number-flag.ts";

export function addSearching(program: Command): void {
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
      new Option("--text-unit <unit>", "what a passage of plain text is")
        .choices(["line", "paragraph"])
        .default("line"),
    )
    .option("--json", "print one JSON object")
    .action(async (corpus: string, flags: IndexCorpusFlags) => {
      const { runIndexCorpus } = await import("../commands/index-corpus.ts");
      await runIndexCorpus(corpus, flags);
    });

  program
    .command("retrieve")
    .description("serve an index under the contracts of the Wikipedia retriever and of Search-R1")
    .argument("<index>", "made by `zerosearch index`")
    .option("--host <address>", "who may connect; by default this machine only", "127.0.0.1")
    .option("--port <n...>", "one or several ports", (text, ports: number[] = []) => [...ports, numberFlag(text)])
    .action(async (index: string, { host, port = [6002, 8000] }: { host: string; port?: number[] }) => {
      const { runRetrieve } = await import("../commands/retrieve.ts");
      await runRetrieve(index, { host, port });
    });

  program
    .command("ask")
    .description("ask a model that searches; without a question, a chat")
    .argument("[question]")
    .requiredOption("--model <folder>", "a model folder in Hugging Face's format")
    .requiredOption("--search <engine>", "local:INDEX, serpapi, wikipedia-retriever:URL, …, or a JSON file")
    .option("--max-turns <n>", "turns in which it may search", numberFlag, 5)
    .option("--temperature <t>", "0 takes the likeliest token", numberFlag, 0)
    .option(
      "--prompt <text>",
      "a text with {question}, or a file that holds one; by default the model's, or the paper's",
    )
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .option("--json", "print one JSON object per question")
    .action(async (question: string | undefined, flags: AskFlags) => {
      const { runAsk } = await import("../commands/ask.ts");
      await runAsk(question, flags);
    });
}

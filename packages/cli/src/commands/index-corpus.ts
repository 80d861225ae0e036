import { FtsIndex, type IndexTokenizer, readCorpus } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface IndexCorpusFlags {
  /** Where the index goes. */
  readonly out: string;
  readonly tokenizer: IndexTokenizer;
  /** What a passage of a plain text file is. */
  readonly textUnit: "line" | "paragraph";
  readonly json?: boolean;
}

/** `zerosearch index-corpus`: progress on stderr, the result on stdout; Ctrl-C leaves no half index. */
export async function runIndexCorpus(corpus: string, flags: IndexCorpusFlags): Promise<void> {
  const { out, tokenizer, textUnit, json = false } = flags;
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort(new Error("interrupted: no index was written"));
  process.once("SIGINT", onInterrupt);
  const startedAt = performance.now();
  try {
    const index = await FtsIndex.build(readCorpus(corpus, { textUnit }), {
      path: out,
      tokenizer,
      onProgress: (passages) => showProgress(passages, startedAt),
      signal: interrupt.signal,
    });
    if (process.stderr.isTTY) process.stderr.write("\n");
    const seconds = (performance.now() - startedAt) / 1000;
    if (json) console.log(JSON.stringify({ index: out, seconds, ...index.identity }));
    else console.log(`${out}: ${index.passageCount} passages in ${seconds.toFixed(1)} s`);
    await index.close();
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** One line that is written over, where somebody watches. */
function showProgress(passages: number, startedAt: number): void {
  if (!process.stderr.isTTY) return;
  const rate = (1000 * passages) / (performance.now() - startedAt);
  process.stderr.write(`\r${pc.dim(`${passages} passages, ${rate.toFixed(0)}/s`)}`);
}

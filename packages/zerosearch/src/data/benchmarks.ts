/** The seven test sets of the paper (method §7.2, §10), and the training set: where their files are. */

/** A set of questions on the Hugging Face hub. */
export interface Benchmark {
  /** As `data_source` and `Question.source` say. */
  readonly name: string;
  readonly title: string;
  /** Whether an answer needs one document or several in a row. */
  readonly hops: "single" | "multi";
  /** Of the dataset repository. */
  readonly path: string;
  /** Rows of that file. */
  readonly size: number;
}

/** A dataset repository, of FlashRAG: JSON lines of {id, question, golden_answers, metadata}. */
export const BENCHMARK_REPOSITORY = "RUC-NLPIR/FlashRAG_datasets";

/**
 * The paper scores 500 questions of each, and all 125 of Bamboogle; which 500 is not published. These are the whole
 * files: of each the test split, or the development split where the test split has no answers.
 */
export const BENCHMARKS: readonly Benchmark[] = [
  { name: "nq", title: "Natural Questions", hops: "single", path: "nq/test.jsonl", size: 3610 },
  { name: "triviaqa", title: "TriviaQA", hops: "single", path: "triviaqa/test.jsonl", size: 11_313 },
  { name: "popqa", title: "PopQA", hops: "single", path: "popqa/test.jsonl", size: 14_267 },
  { name: "hotpotqa", title: "HotpotQA", hops: "multi", path: "hotpotqa/dev.jsonl", size: 7405 },
  { name: "2wikimultihopqa", title: "2WikiMultihopQA", hops: "multi", path: "2wikimultihopqa/dev.jsonl", size: 12_576 },
  { name: "musique", title: "MuSiQue", hops: "multi", path: "musique/dev.jsonl", size: 2417 },
  { name: "bamboogle", title: "Bamboogle", hops: "multi", path: "bamboogle/test.jsonl", size: 125 },
];

/** NQ and HotpotQA, training splits, merged by the authors: `train.parquet` and `test.parquet`. */
export const TRAINING_REPOSITORY = "sunhaonlp/ZeroSearch_dataset";

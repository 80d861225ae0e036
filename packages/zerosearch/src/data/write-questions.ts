/** Questions into files: in our own form, or as parquet in ZeroSearch's, which its and Search-R1's code read. */
import { extname } from "node:path";
import type { SchemaElement } from "hyparquet";
import type { Question } from "../core/question.ts";
import { agentPrompt } from "./agent-prompt.ts";
import {
  jsonColumn,
  listColumn,
  numberColumn,
  structColumn,
  textColumn,
  type WrittenRow,
  writeRows,
} from "./write-rows.ts";

export interface WriteQuestionsOptions {
  /** Parquet: what `extra_info.split` says. Default `train`. */
  readonly split?: string;
}

/**
 * Writes what {@link loadQuestions} reads back as it was.
 *
 * @param path  ends in `.jsonl`, `.json`, `.csv` or `.parquet`
 * @throws {DataError} it ends otherwise
 */
export async function writeQuestions(
  path: string,
  questions: readonly Question[],
  { split = "train" }: WriteQuestionsOptions = {},
): Promise<void> {
  const isParquet = extname(path).toLowerCase() === ".parquet";
  const rows = questions.map((question, index) =>
    isParquet ? zeroSearchRow(question, { split, index: BigInt(index) }) : ownRow(question),
  );
  await writeRows(path, rows, ZEROSEARCH_COLUMNS);
}

function ownRow({ id, text, answers, source, metadata }: Question): WrittenRow {
  return { id, question: text, answers, source, ...(metadata ? { metadata } : {}) };
}

function zeroSearchRow(
  { id, text, answers, source, metadata }: Question,
  place: { readonly split: string; readonly index: bigint },
): WrittenRow {
  return {
    id,
    question: text,
    golden_answers: answers,
    data_source: source,
    prompt: [{ role: "user", content: agentPrompt(text) }],
    ability: "fact-reasoning",
    reward_model: { style: "rule", ground_truth: { target: answers } },
    extra_info: { ...place, id },
    metadata,
  };
}

const ZEROSEARCH_COLUMNS: readonly SchemaElement[][] = [
  textColumn("id"),
  textColumn("question"),
  listColumn("golden_answers", textColumn("element")),
  textColumn("data_source"),
  listColumn("prompt", structColumn("element", textColumn("content"), textColumn("role"))),
  textColumn("ability"),
  structColumn(
    "reward_model",
    structColumn("ground_truth", listColumn("target", textColumn("element"))),
    textColumn("style"),
  ),
  structColumn("extra_info", textColumn("id"), numberColumn("index", "INT64"), textColumn("split")),
  jsonColumn("metadata"),
];

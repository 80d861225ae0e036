/** Questions into files: JSON lines in our own form, or parquet in ZeroSearch's, which its and Search-R1's code read. */
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { agentPrompt } from "./agent-prompt.ts";

export interface WriteQuestionsOptions {
  /** Parquet: what `extra_info.split` says. Default `train`. */
  readonly split?: string;
}

/**
 * Writes what {@link loadQuestions} reads back as it was.
 *
 * @param path  ends in `.jsonl` or `.parquet`
 * @throws {DataError} it ends otherwise
 */
export async function writeQuestions(
  path: string,
  questions: readonly Question[],
  { split = "train" }: WriteQuestionsOptions = {},
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension === ".jsonl") {
    const rows = questions.map(({ id, text, answers, source, metadata }) => ({
      id,
      question: text,
      answers,
      source,
      ...(metadata ? { metadata } : {}),
    }));
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  } else if (extension === ".parquet") {
    await writeFile(path, Buffer.from(parquetBytes(questions, split)));
  } else {
    throw new DataError(`${path}: questions are written to .jsonl or .parquet`);
  }
}

function parquetBytes(questions: readonly Question[], split: string): ArrayBuffer {
  const column = (name: string, value: (question: Question, index: number) => unknown) => ({
    name,
    data: questions.map(value),
  });
  return parquetWriteBuffer({
    schema: SCHEMA,
    columnData: [
      column("id", ({ id }) => id),
      column("question", ({ text }) => text),
      column("golden_answers", ({ answers }) => answers),
      column("data_source", ({ source }) => source),
      column("prompt", ({ text }) => [{ role: "user", content: agentPrompt(text) }]),
      column("ability", () => "fact-reasoning"),
      column("reward_model", ({ answers }) => ({ style: "rule", ground_truth: { target: answers } })),
      column("extra_info", ({ id }, index) => ({ split, index: BigInt(index), id })),
      column("metadata", ({ metadata }) => metadata ?? null),
    ],
  });
}

// Without a schema the writer makes strings of JSON out of whatever is nested, which no other program takes for lists.
const string = (name: string): SchemaElement[] => [
  { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];
const struct = (name: string, ...fields: SchemaElement[][]): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: fields.length },
  ...fields.flat(),
];
/** In three levels, as the format wants lists. */
const list = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];

const FIELDS: readonly SchemaElement[][] = [
  string("id"),
  string("question"),
  list("golden_answers", string("element")),
  string("data_source"),
  list("prompt", struct("element", string("content"), string("role"))),
  string("ability"),
  struct("reward_model", struct("ground_truth", list("target", string("element"))), string("style")),
  struct("extra_info", string("id"), [{ name: "index", type: "INT64", repetition_type: "OPTIONAL" }], string("split")),
  [{ name: "metadata", type: "BYTE_ARRAY", converted_type: "JSON", repetition_type: "OPTIONAL" }],
];
const SCHEMA: SchemaElement[] = [{ name: "schema", num_children: FIELDS.length }, ...FIELDS.flat()];

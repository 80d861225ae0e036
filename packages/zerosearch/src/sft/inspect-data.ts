/** What is in a file of questions or of records, and what is wrong with it. */
import { type Distribution, distributionOf } from "../core/distribution.ts";
import type { Question } from "../core/question.ts";
import { dataColumns } from "../data/data-rows.ts";
import { type SkippedRow, scanQuestions } from "../data/load-questions.ts";
import { type FineTuneRecord, type RecordSchema, recordSchemaOf } from "./record-row.ts";
import { scanRecords } from "./records.ts";

interface FileFacts {
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Every row that is not what the file is of. */
  readonly problems: readonly SkippedRow[];
}

export interface QuestionFileFacts extends FileFacts {
  readonly kind: "questions";
  readonly questions: number;
  /** Questions of each. */
  readonly sources: Readonly<Record<string, number>>;
  /** Per question. */
  readonly answers?: Distribution;
  readonly lengths: Readonly<Record<"question" | "answer", Distribution | undefined>>;
  readonly first: readonly Question[];
}

export interface RecordFileFacts extends FileFacts {
  readonly kind: "records";
  readonly schema: RecordSchema;
  readonly records: number;
  /** Records of each; those without are `none`. */
  readonly labels: Readonly<Record<"useful" | "noisy" | "none", number>>;
  readonly lengths: Readonly<Record<"prompt" | "completion", Distribution | undefined>>;
  readonly first: readonly FineTuneRecord[];
}

export interface InspectOptions {
  /** How long a text is, such as in tokens. Default: in characters. */
  readonly lengthOf?: (text: string) => number;
  /** How many of the first are shown. Default 3. */
  readonly shown?: number;
}

const characters = (text: string): number => [...text].length;

/**
 * Looks at a whole file. Rows with the columns of records are taken for records, all others for questions.
 *
 * @throws {DataError} it is missing, of another format, damaged or empty
 */
export async function inspectData(
  path: string,
  options: InspectOptions = {},
): Promise<QuestionFileFacts | RecordFileFacts> {
  const columns = await dataColumns(path);
  return recordSchemaOf(columns)
    ? await inspectRecords(path, columns, options)
    : await inspectQuestions(path, columns, options);
}

async function inspectQuestions(
  path: string,
  columns: readonly string[],
  { lengthOf = characters, shown = 3 }: InspectOptions,
): Promise<QuestionFileFacts> {
  const { questions, skipped } = await scanQuestions(path, undefined);
  const sources: Record<string, number> = {};
  for (const { source } of questions) sources[source] = (sources[source] ?? 0) + 1;
  const answers = distributionOf(questions.map((question) => question.answers.length));
  return {
    kind: "questions",
    path,
    columns,
    rows: questions.length + skipped.length,
    questions: questions.length,
    sources,
    ...(answers && { answers }),
    lengths: {
      question: distributionOf(questions.map(({ text }) => lengthOf(text))),
      answer: distributionOf(questions.flatMap((question) => question.answers.map(lengthOf))),
    },
    first: questions.slice(0, shown),
    problems: skipped,
  };
}

async function inspectRecords(
  path: string,
  columns: readonly string[],
  { lengthOf = characters, shown = 3 }: InspectOptions,
): Promise<RecordFileFacts> {
  const { schema, rowCount, records, problems } = await scanRecords(path);
  const labels = { useful: 0, noisy: 0, none: 0 };
  for (const { label = "none" } of records) labels[label]++;
  const promptLength = ({ prompt }: FineTuneRecord): number =>
    prompt.reduce((sum, { content }) => sum + lengthOf(content), 0);
  return {
    kind: "records",
    path,
    columns,
    rows: rowCount,
    schema,
    records: records.length,
    labels,
    lengths: {
      prompt: distributionOf(records.map(promptLength)),
      completion: distributionOf(records.map(({ completion }) => lengthOf(completion))),
    },
    first: records.slice(0, shown),
    problems,
  };
}

/** Records into files, in the schema of this project, Alpaca's or ShareGPT's. */
import { extname } from "node:path";
import type { SchemaElement } from "hyparquet";
import type { ChatMessage } from "../core/chat-model.ts";
import { DataError } from "../core/errors.ts";
import {
  jsonColumn,
  listColumn,
  numberColumn,
  structColumn,
  textColumn,
  type WrittenRow,
  writeRows,
} from "../data/write-rows.ts";
import { type FineTuneRecord, type RecordSchema, speaksInTurn } from "./record-row.ts";

/**
 * Writes what {@link readRecords} reads back as it was, but for its place.
 *
 * @param path  ends in `.jsonl`, `.json`, `.csv` or `.parquet`
 * @throws {DataError} it ends otherwise, or the schema can't say what a record says
 */
export async function writeRecords(
  path: string,
  records: readonly FineTuneRecord[],
  schema: RecordSchema,
): Promise<void> {
  const extension = extname(path).toLowerCase();
  const rows =
    schema === "prompt-completion"
      ? records.map((record) => promptRow(record, extension))
      : conversationsOf(records, schema).map(schema === "alpaca" ? alpacaRow : shareGptRow);
  await writeRows(path, rows, [...COLUMNS[schema], ...COMMON_COLUMNS]);
}

type Extras = Pick<FineTuneRecord, "label" | "weight" | "metadata">;

function extrasOf({ label, weight, metadata }: Extras): WrittenRow {
  return { ...(label && { label }), ...(weight !== 1 && { weight }), ...(metadata && { metadata }) };
}

function promptRow({ prompt, completion, place, ...extras }: FineTuneRecord, extension: string): WrittenRow {
  const [only, ...more] = prompt;
  const isText = only?.role === "user" && more.length === 0;
  if (extension === ".csv" && !isText) {
    throw new DataError(`${place}: a prompt of several messages does not fit a cell of CSV: write .jsonl or .parquet`);
  }
  // A column of parquet has one type.
  return { prompt: isText && extension !== ".parquet" ? only.content : prompt, completion, ...extrasOf(extras) };
}

/** What one row of Alpaca's or ShareGPT's says: every turn of the assistant is learned. */
interface Conversation extends Extras {
  readonly place: string;
  readonly turns: readonly ChatMessage[];
}

/** Records of one row become one again. */
function conversationsOf(records: readonly FineTuneRecord[], schema: RecordSchema): Conversation[] {
  const conversations: Conversation[] = [];
  for (const { prompt, completion, ...rest } of records) {
    const before = conversations.at(-1);
    const turns = [...prompt, { role: "assistant" as const, content: completion }];
    const goesOn = before?.place === rest.place && startsWith(prompt, before.turns);
    if (goesOn) conversations.pop();
    else if (prompt.some(({ role }) => role === "assistant")) {
      throw new DataError(
        `${rest.place}: ${schema} teaches every turn of the assistant, but of this record only the last is to be ` +
          "learned: write it as prompt-completion",
      );
    }
    const problem = speaksInTurn(turns);
    if (problem) throw new DataError(`${rest.place}: ${schema} can't hold it: ${problem.problem}`);
    conversations.push({ ...rest, turns });
  }
  return conversations;
}

function startsWith(prompt: readonly ChatMessage[], turns: readonly ChatMessage[]): boolean {
  return turns.every(({ role, content }, i) => prompt[i]?.role === role && prompt[i]?.content === content);
}

function alpacaRow({ turns, ...extras }: Conversation): WrittenRow {
  const { system, said } = divided(turns);
  const pairs = said.flatMap(({ content }, i) => (i % 2 === 0 ? [[content, said[i + 1]?.content ?? ""]] : []));
  const [instruction, output] = pairs.pop() ?? [];
  return {
    ...{ instruction, input: "", output },
    ...(system !== undefined && { system }),
    ...(pairs.length > 0 && { history: pairs }),
    ...extrasOf(extras),
  };
}

const SPEAKERS = { system: "system", user: "human", assistant: "gpt" } as const;

function shareGptRow({ turns, ...extras }: Conversation): WrittenRow {
  const { system, said } = divided(turns);
  return {
    conversations: said.map(({ role, content }) => ({ from: SPEAKERS[role], value: content })),
    ...(system !== undefined && { system }),
    ...extrasOf(extras),
  };
}

function divided(turns: readonly ChatMessage[]): { system: string | undefined; said: readonly ChatMessage[] } {
  const [first, ...rest] = turns;
  return first?.role === "system" ? { system: first.content, said: rest } : { system: undefined, said: turns };
}

const COLUMNS: Readonly<Record<RecordSchema, readonly SchemaElement[][]>> = {
  "prompt-completion": [
    listColumn("prompt", structColumn("element", textColumn("role"), textColumn("content"))),
    textColumn("completion"),
  ],
  alpaca: [
    ...["instruction", "input", "output", "system"].map(textColumn),
    listColumn("history", listColumn("element", textColumn("element"))),
  ],
  sharegpt: [
    listColumn("conversations", structColumn("element", textColumn("from"), textColumn("value"))),
    textColumn("system"),
  ],
};
const COMMON_COLUMNS: readonly SchemaElement[][] = [
  textColumn("label"),
  numberColumn("weight", "DOUBLE"),
  jsonColumn("metadata"),
];

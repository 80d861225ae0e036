/**
 * Prompts with the completions to learn, from JSON, JSON Lines or Parquet, in the schema of this project or one of the
 * two that fine-tuning data commonly has: Alpaca's and ShareGPT's.
 */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { z } from "zod";
import type { ChatMessage } from "../core/chat-model.ts";
import { DataError } from "../core/errors.ts";
import type { Intent } from "../search/search-engine.ts";

/** What is learned as one text. */
export interface FineTuneRecord {
  /** What comes before: not learned. The last message is never the assistant's. */
  readonly prompt: readonly ChatMessage[];
  readonly completion: string;
  /** For records of simulated search results: what they were made to be. */
  readonly label?: Intent;
  /** How much each token of the completion counts, above 0. */
  readonly weight: number;
  /** Where it stands in the file, from 1; for messages. */
  readonly row: number;
}

/** Which fields a file has. */
type RecordSchema = "prompt-completion" | "alpaca" | "sharegpt";

const common = { label: z.enum(["useful", "noisy"]).nullish(), weight: z.number().positive().nullish() };
const message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const ROLES = { system: "system", human: "user", user: "user", gpt: "assistant", assistant: "assistant" } as const;
const turn = z
  .object({ from: z.enum(["system", "human", "user", "gpt", "assistant"]), value: z.string() })
  .transform(({ from, value }) => ({ role: ROLES[from], content: value }));

const ROWS = {
  "prompt-completion": z.object({
    prompt: z.union([z.string(), z.array(message).min(1)]),
    completion: z.string(),
    ...common,
  }),
  alpaca: z.object({
    instruction: z.string(),
    input: z.string().nullish(),
    output: z.string(),
    system: z.string().nullish(),
    ...common,
  }),
  sharegpt: z.object({
    conversations: z.array(turn).min(2).optional(),
    messages: z.array(message).min(2).optional(),
    system: z.string().nullish(),
    ...common,
  }),
} satisfies Record<RecordSchema, z.ZodType>;

/**
 * Reads a file of records. The schema is that of the first row's fields. A conversation becomes one record for each turn
 * of the assistant, with all that was said before as its prompt.
 *
 * @param path  ends with `.json` (an array), `.jsonl` or `.parquet`
 * @throws {DataError} naming the row that is no record, or what is wrong with the file
 */
export async function readRecords(path: string): Promise<FineTuneRecord[]> {
  const rows = await readRows(path);
  const first = rows[0];
  if (first === undefined) throw new DataError(`${path} has no rows`);
  const schema = schemaOf(first.value, path);
  return rows.flatMap(({ value, row }) => parseRow(value, schema, { path, row }));
}

interface Row {
  readonly value: unknown;
  readonly row: number;
}

interface Place {
  readonly path: string;
  readonly row: number;
}

async function readRows(path: string): Promise<Row[]> {
  try {
    const extension = extname(path);
    if (extension === ".jsonl") return jsonLines(readFileSync(path, "utf8"), path);
    if (extension === ".json") return numbered(JSON.parse(readFileSync(path, "utf8")), path);
    if (extension === ".parquet") {
      const file = await asyncBufferFromFile(path);
      return numbered(await parquetReadObjects({ file, compressors }), path);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${path} can't be read: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  throw new DataError(`${path}: the name of a file of records must end with .json, .jsonl or .parquet`);
}

function jsonLines(text: string, path: string): Row[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    try {
      return [{ value: JSON.parse(line) as unknown, row: i + 1 }];
    } catch (cause) {
      throw new DataError(`${path}:${i + 1} is no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  });
}

function numbered(values: unknown, path: string): Row[] {
  if (!Array.isArray(values)) throw new DataError(`${path} must hold an array of records`);
  return values.map((value: unknown, i) => ({ value, row: i + 1 }));
}

function schemaOf(first: unknown, path: string): RecordSchema {
  const fields = typeof first === "object" && first !== null ? Object.keys(first) : [];
  if (fields.includes("prompt")) return "prompt-completion";
  if (fields.includes("instruction")) return "alpaca";
  if (fields.includes("conversations") || fields.includes("messages")) return "sharegpt";
  throw new DataError(
    `${path}: rows must have prompt and completion, instruction and output, or conversations or messages; ` +
      `the first has ${fields.length === 0 ? "no fields" : fields.join(", ")}`,
  );
}

function parseRow(value: unknown, schema: RecordSchema, place: Place): FineTuneRecord[] {
  switch (schema) {
    case "prompt-completion": {
      const { prompt, completion, ...rest } = checked(ROWS[schema].safeParse(value), place);
      const messages = typeof prompt === "string" ? [{ role: "user" as const, content: prompt }] : prompt;
      if (messages.at(-1)?.role === "assistant") {
        throw new DataError(`${place.path}, row ${place.row}: the prompt must not end with the assistant's words`);
      }
      return [makeRecord(messages, completion, { ...rest, place })];
    }
    case "alpaca": {
      const { instruction, input, output, system, ...rest } = checked(ROWS[schema].safeParse(value), place);
      const content = input ? `${instruction}\n${input}` : instruction;
      return [makeRecord([...systemMessage(system), { role: "user", content }], output, { ...rest, place })];
    }
    case "sharegpt": {
      const { conversations, messages, system, ...rest } = checked(ROWS[schema].safeParse(value), place);
      const turns = [...systemMessage(system), ...(conversations ?? messages ?? [])];
      checkTurns(turns, place);
      return turns.flatMap(({ role, content }, i) =>
        role === "assistant" ? [makeRecord(turns.slice(0, i), content, { ...rest, place })] : [],
      );
    }
    default:
      return schema satisfies never;
  }
}

function checked<T>(parsed: z.ZodSafeParseResult<T>, { path, row }: Place): T {
  if (parsed.success) return parsed.data;
  throw new DataError(`${path}, row ${row}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
}

function systemMessage(content: string | null | undefined): ChatMessage[] {
  return content ? [{ role: "system", content }] : [];
}

/** After at most one system message, the user and the assistant speak in turn, and the assistant last. */
function checkTurns(turns: readonly ChatMessage[], { path, row }: Place): void {
  const spoken = turns[0]?.role === "system" ? turns.slice(1) : turns;
  const wrong = spoken.findIndex(({ role }, i) => role !== (i % 2 === 0 ? "user" : "assistant"));
  if (wrong < 0 && spoken.length > 0 && spoken.length % 2 === 0) return;
  const roles = turns.map(({ role }) => role).join(", ");
  throw new DataError(
    `${path}, row ${row}: user and assistant must speak in turn, the assistant last; got ${roles || "no messages"}`,
  );
}

interface RecordExtras {
  readonly label?: Intent | null | undefined;
  readonly weight?: number | null | undefined;
  readonly place: Place;
}

function makeRecord(
  prompt: readonly ChatMessage[],
  completion: string,
  { label, weight, place }: RecordExtras,
): FineTuneRecord {
  if (completion === "") throw new DataError(`${place.path}, row ${place.row}: the completion is empty`);
  return { prompt, completion, ...(label ? { label } : {}), weight: weight ?? 1, row: place.row };
}

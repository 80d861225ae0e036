/**
 * A row of a file of prompts and completions as {@link FineTuneRecord}s, in the schema of this project or one of the two
 * that fine-tuning data commonly has:
 *
 * | schema | prompt | completion |
 * | --- | --- | --- |
 * | prompt-completion (ours) | `prompt`: a text or a list of `role` and `content` | `completion` |
 * | alpaca | `system`, `history` (pairs of texts), `instruction` and, on a line of its own, `input` | `output` |
 * | sharegpt | `system`, and `conversations` of `from` and `value` or `messages` of `role` and `content` | each turn of the assistant |
 *
 * Each may have a `label`, a `weight` and `metadata`; other columns become metadata too.
 */
import { z } from "zod";
import type { ChatMessage } from "../core/chat-model.ts";
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
  /** The row it comes from, such as `data.jsonl, line 3`: for messages; what is of one row is held back together. */
  readonly place: string;
  /** Whatever else the row held. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Which columns a row has. */
export type RecordSchema = "prompt-completion" | "alpaca" | "sharegpt";

/** Why a row holds no records. */
export interface RecordProblem {
  readonly problem: string;
}

const common = {
  label: z.enum(["useful", "noisy"]).nullish(),
  // A cell of CSV is a text.
  weight: z.preprocess((value) => (typeof value === "string" ? Number(value) : value), z.number().positive().nullish()),
  system: z.string().nullish(),
  metadata: z.unknown().optional(),
};
const message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const ROLES = { system: "system", human: "user", user: "user", gpt: "assistant", assistant: "assistant" } as const;
const turn = z
  .object({ from: z.enum(["system", "human", "user", "gpt", "assistant"]), value: z.string() })
  .transform(({ from, value }) => ({ role: ROLES[from], content: value }));

const ROWS = {
  "prompt-completion": z.looseObject({
    prompt: z.union([z.string(), z.array(message).min(1)]),
    completion: z.string(),
    ...common,
  }),
  alpaca: z.looseObject({
    instruction: z.string(),
    input: z.string().nullish(),
    output: z.string(),
    history: z.array(z.tuple([z.string(), z.string()])).nullish(),
    ...common,
  }),
  sharegpt: z.looseObject({
    conversations: z.array(turn).min(2).nullish(),
    messages: z.array(message).min(2).nullish(),
    ...common,
  }),
} satisfies Record<RecordSchema, z.ZodType>;

/** The schema of rows with these columns; undefined if they are none of records. */
export function recordSchemaOf(columns: readonly string[]): RecordSchema | undefined {
  if (columns.includes("completion")) return "prompt-completion";
  if (columns.includes("instruction")) return "alpaca";
  if (columns.includes("conversations") || columns.includes("messages")) return "sharegpt";
  return undefined;
}

/**
 * The records of a row, or what is wrong with it. A conversation becomes one record for each turn of the assistant, with
 * all that was said before as its prompt.
 */
export function parseRecordRow(
  row: unknown,
  { schema, place }: { readonly schema: RecordSchema; readonly place: string },
): readonly FineTuneRecord[] | RecordProblem {
  const parsed = parseTurns(row, schema);
  if ("problem" in parsed) return parsed;
  const { turns, learned, columns } = parsed;
  const { label, weight } = columns;
  const metadata = metadataOf(columns, schema);
  const records = turns.flatMap(({ role, content }, i): FineTuneRecord[] => {
    if (role !== "assistant" || (learned === "last" && i < turns.length - 1)) return [];
    return [
      {
        prompt: turns.slice(0, i),
        completion: content,
        ...(label ? { label } : {}),
        weight: weight ?? 1,
        place,
        ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
      },
    ];
  });
  return records.some(({ completion }) => completion === "") ? { problem: "the completion is empty" } : records;
}

type Columns = z.infer<(typeof ROWS)[RecordSchema]>;

interface ParsedTurns {
  /** The last is the assistant's. */
  readonly turns: readonly ChatMessage[];
  /** Which turns of the assistant are. */
  readonly learned: "last" | "all";
  readonly columns: Columns;
}

function parseTurns(row: unknown, schema: RecordSchema): ParsedTurns | RecordProblem {
  switch (schema) {
    case "prompt-completion": {
      const { data: columns, error } = ROWS[schema].safeParse(row);
      if (error) return problemOf(error);
      const { system, prompt, completion } = columns;
      const messages = typeof prompt === "string" ? [{ role: "user" as const, content: prompt }] : prompt;
      if (messages.at(-1)?.role === "assistant") {
        return { problem: "the prompt must not end with the assistant's words" };
      }
      const turns = [...systemMessage(system), ...messages, { role: "assistant" as const, content: completion }];
      return { turns, learned: "last", columns };
    }
    case "alpaca": {
      const { data: columns, error } = ROWS[schema].safeParse(row);
      if (error) return problemOf(error);
      const { system, history, instruction, input, output } = columns;
      const said = [...(history ?? []), [input ? `${instruction}\n${input}` : instruction, output] as const];
      const turns = said.flatMap(([user, assistant]): ChatMessage[] => [
        { role: "user", content: user },
        { role: "assistant", content: assistant },
      ]);
      return { turns: [...systemMessage(system), ...turns], learned: "all", columns };
    }
    case "sharegpt": {
      const { data: columns, error } = ROWS[schema].safeParse(row);
      if (error) return problemOf(error);
      const { system, conversations, messages } = columns;
      const turns = [...systemMessage(system), ...(conversations ?? messages ?? [])];
      return speaksInTurn(turns) ?? { turns, learned: "all", columns };
    }
    default:
      return schema satisfies never;
  }
}

function problemOf({ issues }: z.ZodError): RecordProblem {
  return { problem: issues.map(({ path, message: what }) => `${path.join(".") || "row"}: ${what}`).join("; ") };
}

function systemMessage(content: string | null | undefined): ChatMessage[] {
  return content ? [{ role: "system", content }] : [];
}

/** After at most one system message, the user and the assistant must speak in turn, and the assistant last. */
export function speaksInTurn(turns: readonly ChatMessage[]): RecordProblem | undefined {
  const spoken = turns[0]?.role === "system" ? turns.slice(1) : turns;
  const wrong = spoken.findIndex(({ role }, i) => role !== (i % 2 === 0 ? "user" : "assistant"));
  if (wrong < 0 && spoken.length > 0 && spoken.length % 2 === 0) return undefined;
  const roles = turns.map(({ role }) => role).join(", ");
  return { problem: `user and assistant must speak in turn, the assistant last; got ${roles || "no messages"}` };
}

function metadataOf(columns: Columns, schema: RecordSchema): Record<string, unknown> {
  const known: ReadonlySet<string> = new Set(Object.keys(ROWS[schema].shape));
  const rest = Object.entries(columns).filter(([name, value]) => !known.has(name) && value !== null);
  const { metadata } = columns;
  const isRecord = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
  const own = isRecord ? metadata : metadata === null || metadata === undefined ? {} : { metadata };
  return { ...Object.fromEntries(rest), ...own };
}

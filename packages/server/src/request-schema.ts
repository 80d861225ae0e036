/** What clients may ask, in the fields of OpenAI's API; further sampling fields are named as vLLM and SGLang name them. */
import { LOWEST_TEMPERATURE } from "@zerosearch/lm";
import { z } from "zod";
import type { Turn } from "./chat-prompt.ts";
import { invalid } from "./openai-errors.ts";
import { refuseUnsupported } from "./unsupported-fields.ts";

/** How texts are to be generated and reported. Absent values are left to the server. */
export interface Wishes {
  readonly model: string;
  /** Texts per prompt. */
  readonly n: number;
  readonly isStreaming: boolean;
  /** Whether a stream ends with an account of tokens. */
  readonly includesUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly seed: number | undefined;
  readonly stops: readonly string[];
  readonly stopIds: readonly number[];
  /** Whether every token's log-probability is told. */
  readonly logprobs: boolean;
}

/** `POST /v1/chat/completions` */
export interface ChatRequestBody extends Wishes {
  readonly turns: readonly Turn[];
}

/** `POST /v1/completions`; a prompt is text or token ids. */
export interface CompletionRequestBody extends Wishes {
  readonly prompts: readonly (string | readonly number[])[];
}

const MOST_STOPS = 16;
const LONGEST_STOP = 1024;

const expected = (what: string) => ({ error: `must be ${what}` });
const numberIn = (least: number, most: number) => {
  const message = expected(`a number from ${least} to ${most}`);
  return z.number(message).min(least, message).max(most, message).nullish();
};
const integerIn = (least: number, most: number) => {
  const message = expected(`an integer from ${least} to ${most}`);
  return z.int(message).min(least, message).max(most, message).nullish();
};
const flag = z.boolean(expected("true or false")).nullish();
const stopString = z
  .string(expected("text"))
  .min(1, expected("text that is not empty"))
  .max(LONGEST_STOP, expected(`text of at most ${LONGEST_STOP} characters`))
  .refine((text) => !/\p{Surrogate}/u.test(text), expected("well-formed text, without lone surrogates"));
const tokenId = z.int(expected("a token id")).min(0, expected("a token id, ≥ 0"));

/** 0 takes the likeliest token; the engine divides by nothing smaller than its lowest. */
const isTemperature = (value: number | null | undefined): boolean => !value || value >= LOWEST_TEMPERATURE;

const COMMON = {
  model: z.string(expected("text")).nullish(),
  n: integerIn(1, 128),
  stream: flag,
  stream_options: z.object({ include_usage: flag }, expected("an object")).nullish(),
  max_tokens: integerIn(1, Number.MAX_SAFE_INTEGER),
  temperature: numberIn(0, 2).refine(isTemperature, expected(`0 or a number from ${LOWEST_TEMPERATURE} to 2`)),
  top_p: numberIn(0, 1).refine((value) => value !== 0, expected("above 0")),
  top_k: integerIn(-1, Number.MAX_SAFE_INTEGER),
  min_p: numberIn(0, 1),
  repetition_penalty: numberIn(0.01, 100),
  seed: integerIn(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  stop: z
    .union(
      [stopString, z.array(stopString).max(MOST_STOPS)],
      expected(`text or at most ${MOST_STOPS} texts, each of 1 to ${LONGEST_STOP} well-formed characters`),
    )
    .nullish(),
  stop_token_ids: z.array(tokenId, expected("a list of token ids")).max(64, expected("at most 64 token ids")).nullish(),
};

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const message = z.object(
  {
    role: z.enum(["system", "developer", "user", "assistant"], expected("system, developer, user or assistant")),
    content: z.union(
      [z.string(), z.array(textPart).min(1)],
      expected("text, or a list of parts {type: 'text', text}, at least one: nothing else can be read by this model"),
    ),
  },
  expected("an object with role and content"),
);

const chatSchema = z.object(
  {
    ...COMMON,
    messages: z.array(message, expected("a list of messages")).min(1, expected("a list of at least one message")),
    max_completion_tokens: integerIn(1, Number.MAX_SAFE_INTEGER),
    logprobs: flag,
  },
  expected("a JSON object"),
);

const completionSchema = z.object(
  {
    ...COMMON,
    prompt: z.union(
      [z.string(), z.array(z.string()).min(1), z.array(tokenId).min(1), z.array(z.array(tokenId).min(1)).min(1)],
      expected("text, a list of texts, a list of token ids or a list of such lists, none of them empty"),
    ),
    logprobs: integerIn(0, 0).or(flag),
  },
  expected("a JSON object"),
);

/** @throws {ApiError} 400 that names the field, the value seen and what was expected */
export function parseChatRequest(body: unknown): ChatRequestBody {
  const fields = parse(chatSchema, body);
  const turns = fields.messages.map(({ role, content }) => ({
    role: role === "developer" ? "system" : role, // the newer name of the same thing, which no template knows
    content: typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  }));
  const maxTokens = fields.max_completion_tokens ?? fields.max_tokens ?? undefined;
  return { ...wishes(fields), maxTokens, logprobs: fields.logprobs ?? false, turns };
}

/** @throws {ApiError} 400 that names the field, the value seen and what was expected */
export function parseCompletionRequest(body: unknown): CompletionRequestBody {
  const fields = parse(completionSchema, body);
  const { logprobs } = fields;
  // OpenAI's default here is 16.
  return {
    ...wishes(fields),
    maxTokens: fields.max_tokens ?? 16,
    logprobs: logprobs === 0 || logprobs === true,
    prompts: promptsOf(fields.prompt),
  };
}

function wishes(fields: z.infer<z.ZodObject<typeof COMMON>>): Omit<Wishes, "maxTokens" | "logprobs"> {
  const { stop } = fields;
  return {
    model: fields.model ?? "",
    n: fields.n ?? 1,
    isStreaming: fields.stream ?? false,
    includesUsage: fields.stream_options?.include_usage ?? false,
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
    topK: Math.max(0, fields.top_k ?? 0), // -1 means all to vLLM and SGLang
    minP: fields.min_p ?? 0,
    repetitionPenalty: fields.repetition_penalty ?? 1,
    seed: fields.seed ?? undefined,
    stops: typeof stop === "string" ? [stop] : (stop ?? []),
    stopIds: fields.stop_token_ids ?? [],
  };
}

function promptsOf(prompt: z.infer<typeof completionSchema>["prompt"]): (string | readonly number[])[] {
  if (typeof prompt === "string") return [prompt];
  const numbers = prompt.filter((entry) => typeof entry === "number");
  if (numbers.length > 0) return [numbers];
  return prompt.filter((entry) => typeof entry !== "number");
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    refuseUnsupported(body);
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const param = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
  const seen = path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    body,
  );
  const where = param === "" ? "the body" : param;
  throw invalid(param === "" ? undefined : param, `${where} ${issue?.message ?? "is malformed"}, got ${preview(seen)}`);
}

function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

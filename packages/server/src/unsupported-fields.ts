/**
 * Fields of OpenAI's API and of its relatives that would change the answer and that nothing here implements. A field
 * that nobody knows is ignored, as OpenAI does; to ignore one of these would be to answer another question.
 */
import { invalid } from "./openai-errors.ts";

const isEmpty = (value: unknown): boolean =>
  value === false || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
const isZero = (value: unknown): boolean => value === 0;
const never = (): boolean => false;

/** Values that change nothing, by field. Null, as everywhere, is as good as absent. */
const HARMLESS: Readonly<Record<string, (value: unknown) => boolean>> = {
  tools: isEmpty,
  functions: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
  function_call: (value) => value === "none" || value === "auto",
  response_format: (value) => typeof value === "object" && value !== null && Reflect.get(value, "type") === "text",
  top_logprobs: isZero,
  frequency_penalty: isZero,
  presence_penalty: isZero,
  logit_bias: isEmpty,
  best_of: (value) => value === 1,
  echo: isEmpty,
  suffix: (value) => value === "",
  audio: never,
  modalities: (value) => Array.isArray(value) && value.every((one) => one === "text"),
  web_search_options: never,
  reasoning_effort: (value) => value === "none",
  verbosity: (value) => value === "medium",
  min_tokens: isZero,
  ignore_eos: isEmpty,
  use_beam_search: isEmpty,
  continue_final_message: isEmpty,
  chat_template: never,
  chat_template_kwargs: isEmpty,
  structured_outputs: isEmpty,
  regex: never,
  ebnf: never,
  json_schema: never,
  guided_json: never,
  guided_regex: never,
  guided_choice: never,
  guided_grammar: never,
};

/** Fields of a message, with the same meaning. */
const HARMLESS_IN_MESSAGE: typeof HARMLESS = { tool_calls: isEmpty, function_call: never, audio: never };

/** @throws {ApiError} 400 that names the first such field */
export function refuseUnsupported(body: unknown): void {
  refuse(body, HARMLESS, "");
  const messages = fieldOf(body, "messages");
  if (!Array.isArray(messages)) return;
  for (const [i, message] of messages.entries()) refuse(message, HARMLESS_IN_MESSAGE, `messages[${i}].`);
}

function refuse(holder: unknown, table: typeof HARMLESS, prefix: string): void {
  for (const [name, isHarmless] of Object.entries(table)) {
    const value = fieldOf(holder, name);
    if (value === undefined || value === null || isHarmless(value)) continue;
    throw invalid(`${prefix}${name}`, `${prefix}${name} is not supported by this server: leave it out`);
  }
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === "object" && holder !== null && Object.hasOwn(holder, name)
    ? Reflect.get(holder, name)
    : undefined;
}

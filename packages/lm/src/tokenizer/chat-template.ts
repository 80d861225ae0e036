/**
 * A conversation written as one text, by the Jinja template that comes with a model. The variables and functions of a
 * template are those that transformers offers.
 *
 * Deviations from transformers: a template with `{% break %}` or `{% continue %}` is refused, because the Jinja library
 * drops the output of the iteration that they end; today's date is an argument, because a prompt must not depend on the
 * day it is made.
 */
import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { ModelFileError, RequestError } from "../errors.ts";
import { strftime } from "./strftime.ts";
import type { TemplateSource } from "./tokenizer-config.ts";

/** One turn of a conversation. Templates may read further fields, such as `tool_calls`. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly [field: string]: unknown;
}

/** What to write. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Whether the text ends where the assistant is to speak. */
  readonly addGenerationPrompt: boolean;
  /** JSON schemas of functions that the model may call. */
  readonly tools?: readonly object[];
  /** The day that `strftime_now` tells, in UTC. A template that asks for it without one is an error. */
  readonly date?: Date;
  /** Further variables of this template, such as `enable_thinking` or `date_string`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A compiled template. */
export class ChatTemplate {
  readonly #path: string;
  readonly #plain: Template["parsed"];
  readonly #withTools: Template["parsed"];
  readonly #specialTokens: Readonly<Record<string, string>>;

  /**
   * @param specialTokens  by role, such as `bos_token`: variables of the template
   * @throws {ModelFileError} it is no Jinja, or uses `break` or `continue`
   */
  constructor(template: TemplateSource, specialTokens: Readonly<Record<string, string>>) {
    this.#path = template.path;
    this.#plain = compile(template.source, template.path);
    this.#withTools = template.toolSource === undefined ? this.#plain : compile(template.toolSource, template.path);
    this.#specialTokens = specialTokens;
  }

  /**
   * The text of a conversation. Encode it with `allowSpecial: true` only if no message holds text from outside: a
   * template can't tell its own `<|im_end|>` from one in a message.
   *
   * @throws {RequestError} the template refuses the conversation, or asks for a date that was not given
   */
  render({ messages, addGenerationPrompt, tools, date, variables }: ChatRequest): string {
    const environment = new Environment();
    const globals = {
      ...BUILT_IN,
      strftime_now: (format: string) => strftime(this.#demand(date), format),
      ...this.#specialTokens,
      documents: null,
      ...variables,
      messages,
      tools: tools ?? null,
      add_generation_prompt: addGenerationPrompt,
    };
    try {
      for (const [name, value] of Object.entries(globals)) environment.set(name, value);
      const program = tools && tools.length > 0 ? this.#withTools : this.#plain;
      return String(new Interpreter(environment).run(program).value);
    } catch (cause) {
      if (cause instanceof RequestError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RequestError(`the chat template of ${this.#path} failed: ${reason}`, { cause });
    }
  }

  #demand(date: Date | undefined): Date {
    if (date) return date;
    throw new RequestError(
      `the chat template of ${this.#path} writes the date: pass \`date\`, so that the prompt does not depend on the day`,
    );
  }
}

const BUILT_IN = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range,
  raise_exception: (message: unknown) => {
    throw new RequestError(`the chat template refuses the conversation: ${String(message)}`);
  },
};

function compile(source: string, path: string): Template["parsed"] {
  let program: Template["parsed"];
  try {
    program = new Template(source).parsed;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFileError(`${path}: the chat template can't be read: ${reason}`, { cause });
  }
  const statement = findLoopControl(program);
  if (statement !== undefined) {
    throw new ModelFileError(
      `${path}: the chat template uses {% ${statement} %}, after which the Jinja library loses text. Rewrite the loop with {% if %}.`,
    );
  }
  return program;
}

/** `break` or `continue` anywhere in a syntax tree. */
function findLoopControl(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if ("type" in node && (node.type === "Break" || node.type === "Continue")) return node.type.toLowerCase();
  for (const child of node instanceof Map ? node.values() : Object.values(node)) {
    const found = findLoopControl(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Python's: `range(stop)`, `range(start, stop)`, `range(start, stop, step)`. */
function range(first: number, second?: number | null, step = 1): number[] {
  const [start, stop] = typeof second === "number" ? [first, second] : [0, first];
  if (step === 0) throw new RequestError("range() in a chat template: the step must not be 0");
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, i) => start + i * step);
}

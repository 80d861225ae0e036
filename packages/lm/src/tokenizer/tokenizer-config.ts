/** tokenizer_config.json: which tokens begin, end and pad a text, and how a conversation is written. */
import { join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { isObject, type TokenizerFiles } from "./tokenizer-files.ts";

const ROLES = ["bos_token", "eos_token", "pad_token", "unk_token"];

/** A chat template's source and the file it stands in. */
export interface TemplateSource {
  readonly source: string;
  /** Another template for conversations with tools, in folders that have two. */
  readonly toolSource?: string;
  readonly path: string;
}

/** Tokens by role, such as `eos_token`; a role that no file fills is absent. */
export function specialTokensOf(
  config: Readonly<Record<string, unknown>>,
  map: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const role of ROLES) {
    const token = config[role] === undefined ? map[role] : config[role];
    const content = isObject(token) ? token.content : token;
    if (typeof content === "string") tokens[role] = content;
  }
  return tokens;
}

/**
 * The chat template of a folder: chat_template.jinja before tokenizer_config.json, as in transformers.
 *
 * @throws {ModelFileError} tokenizer_config.json has one that is neither text nor a list of named texts
 */
export function chatTemplateOf(
  files: TokenizerFiles,
  { chat_template: template }: Readonly<Record<string, unknown>>,
  where: string,
): TemplateSource | undefined {
  const file = files.get("chat_template.jinja");
  if (file) return { source: new TextDecoder().decode(file), path: join(where, "chat_template.jinja") };
  const path = join(where, "tokenizer_config.json");
  if (typeof template === "string") return { source: template, path };
  if (template === undefined || template === null) return undefined;
  const named = new Map<unknown, unknown>();
  for (const entry of Array.isArray(template) ? template : []) {
    if (isObject(entry)) named.set(entry.name, entry.template);
  }
  const source = named.get("default");
  if (typeof source !== "string") {
    throw new ModelFileError(
      `${path}: chat_template must be text or a list with one named "default", got ${JSON.stringify(template).slice(0, 200)}`,
    );
  }
  const toolSource = named.get("tool_use");
  return { source, path, ...(typeof toolSource === "string" ? { toolSource } : {}) };
}

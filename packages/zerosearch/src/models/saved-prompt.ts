/**
 * `agent.json` in a policy's folder: the prompt that it was trained with. Asked with another it would be another policy,
 * so whoever loads the folder asks with this one, unless told otherwise.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelFileError } from "@zerosearch/lm";
import { z } from "zod";

const AGENT_FILE = "agent.json";

/** What a policy reads before a question, with `{question}` once. */
export const promptTemplateSchema: z.ZodType<string> = z.string().includes("{question}");

const agentFile = z.strictObject({ prompt: promptTemplateSchema });

/** Writes the prompt beside the weights. */
export function savePrompt(folder: string, prompt: string): void {
  writeFileSync(join(folder, AGENT_FILE), `${JSON.stringify({ prompt }, null, 2)}\n`);
}

/**
 * The prompt of a folder; undefined where nobody wrote one, as in models that come from elsewhere.
 *
 * @throws {ModelFileError} the file is there and says something else
 */
export function readPrompt(folder: string): string | undefined {
  const path = join(folder, AGENT_FILE);
  if (!existsSync(path)) return undefined;
  const expected = `${path}: expected {"prompt": "… {question} …"}`;
  try {
    const parsed = agentFile.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (parsed.success) return parsed.data.prompt;
    throw new ModelFileError(
      `${expected}; ${z.prettifyError(parsed.error)}. Remove it to ask with the paper's prompt.`,
    );
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError(`${expected}, got no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

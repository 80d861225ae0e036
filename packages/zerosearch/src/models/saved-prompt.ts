/**
 * `agent.json` in a policy's folder: the prompt template that it was trained with. Asked with another it would be another
 * policy, so whoever loads the folder asks with this one, unless told otherwise. How a chat template is filled in
 * (`model.chat`, `chatVariables`, `date`) is not in it.
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
  const parsed = agentFile.safeParse(readJson(path));
  if (parsed.success) return parsed.data.prompt;
  const problem = z.prettifyError(parsed.error);
  throw new ModelFileError(
    `${path}: expected {"prompt": "… {question} …"}; ${problem}. Remove it to ask with the paper's prompt.`,
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ModelFileError(`${path} can't be read: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

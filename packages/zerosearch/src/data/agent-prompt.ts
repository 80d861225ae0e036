/** What the policy is told (method §2.1): the prompt of ZeroSearch, to the byte, and of Search-R1's base template. */
import { ConfigError } from "../core/errors.ts";

/** One line that ends by a newline; `{question}` stands where the question goes. */
export const AGENT_PROMPT: string =
  "Answer the given question. You must conduct reasoning inside <think> and </think> first every time you get new " +
  "information. After reasoning, if you find you lack some knowledge, you can call a search engine by <search> query " +
  "</search> and it will return the top searched results between <information> and </information>. You can search as " +
  "many times as your want. If you find no further external knowledge needed, you can directly provide the answer " +
  "inside <answer> and </answer>, without detailed illustrations. For example, <answer> Beijing </answer>. " +
  "Question: {question}\n";

const PLACE = "{question}";

/** The question without blanks around it and with a question mark at its end, as the published data has it. */
export function questionLine(question: string): string {
  const line = question.trim();
  return line.endsWith("?") ? line : `${line}?`;
}

/**
 * The prompt for a question.
 *
 * @param template  holds `{question}` once
 * @throws {ConfigError} it does not
 */
export function agentPrompt(question: string, template: string = AGENT_PROMPT): string {
  const [before, after, ...more] = template.split(PLACE);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new ConfigError(
      `the prompt template must hold ${PLACE} once, got ${template.split(PLACE).length - 1} times in ${JSON.stringify(template.slice(0, 200))}`,
    );
  }
  return before + questionLine(question) + after;
}

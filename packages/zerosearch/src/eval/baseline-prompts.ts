/**
 * What is asked of a model that does not search by itself. The paper compares with such prompts (§4.1) but publishes
 * none, so these are ours: the words of the agent's prompt, without its search engine.
 */

export type Baseline =
  /** The policy searches as it does in training: see rollout/rollout.ts. */
  | "search-agent"
  /** It answers at once. */
  | "direct"
  /** It thinks, then answers. */
  | "chain-of-thought"
  /** The question itself is searched once, and the documents stand in the prompt. */
  | "rag";

const THINK = "You must conduct reasoning inside <think> and </think> first. After reasoning, provide the answer ";
const ANSWER =
  "inside <answer> and </answer>, without detailed illustrations. For example, <answer> Beijing </answer>. ";

/** `{question}` and, for `rag`, `{documents}` stand where those go. */
export const BASELINE_PROMPTS: Readonly<Record<Exclude<Baseline, "search-agent">, string>> = {
  direct: `Answer the given question. Provide only the answer ${ANSWER}Question: {question}\n`,
  "chain-of-thought": `Answer the given question. ${THINK}${ANSWER}Question: {question}\n`,
  rag:
    "Answer the given question. What a search engine found for it stands between <information> and </information> and " +
    `may help or not. ${THINK}${ANSWER}Question: {question}{documents}`,
};

export const DOCUMENTS_PLACE = "{documents}";

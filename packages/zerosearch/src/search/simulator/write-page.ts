/** One page as the simulating model writes it: asked for, parsed, and drawn again until its label holds. */
import type { ChatMessage, ChatModel } from "../../core/chat-model.ts";
import { ChatModelError, SearchError } from "../../core/errors.ts";
import { keyedSeed, type RandomKey } from "../../core/keyed-random.ts";
import type { Question } from "../../core/question.ts";
import type { Document, Intent } from "../search-engine.ts";
import { holdsAnswer, isLabelKept } from "./label-check.ts";
import { parseDocuments } from "./parse-documents.ts";
import type { SimulatorPrompt } from "./simulator-prompts.ts";

/** What writes, and how: see simulator-options.ts. */
export interface PageWriter {
  readonly model: ChatModel;
  readonly prompt: SimulatorPrompt;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly maxDraws: number;
}

/** What a page is to be. */
export interface PageRequest {
  readonly question: Question;
  readonly query: string;
  readonly topK: number;
  readonly intent: Intent;
  /** False where the gate withholds the truth. */
  readonly isDeserved: boolean;
  /** Of the draws: what tells this page from others. */
  readonly key: RandomKey;
}

/** A page as it was written, before it is known who else asked. */
export interface Page {
  readonly documents: readonly Document[];
  readonly holdsAnswer: boolean;
  readonly draws: number;
}

/**
 * Draws until the label holds; a draw that can't be parsed is one that does not hold.
 *
 * @throws {SearchError} the model failed; `malformed`: no draw held documents
 */
export async function writePage(writer: PageWriter, request: PageRequest, signal?: AbortSignal): Promise<Page> {
  let documents: readonly Document[] = [];
  let failure: SearchError | undefined;
  for (let draws = 1; draws <= writer.maxDraws; draws++) {
    const drawn = await drawPage(writer, request, draws, signal);
    if (drawn instanceof SearchError) failure = drawn;
    else documents = drawn;
    const holds = holdsAnswer(documents, request.question.answers);
    const isLast = draws === writer.maxDraws;
    if (documents.length > 0 && (isLast || isLabelKept({ ...request, holdsAnswer: holds }))) {
      return { documents, holdsAnswer: holds, draws };
    }
  }
  throw failure ?? new Error("internal: a page was neither drawn nor refused");
}

/** What is asked: where the truth is withheld the label does not matter. */
export function pageMessages(
  prompt: SimulatorPrompt,
  { question, query, topK, intent, isDeserved }: Omit<PageRequest, "key">,
): ChatMessage[] {
  const about = { query, question: question.text, answers: question.answers, count: topK };
  if (!isDeserved) return prompt.withheld?.(about) ?? prompt.noisy(about);
  return intent === "useful" ? prompt.useful(about) : prompt.noisy(about);
}

/** The documents of one draw, or the failure of its parsing. @throws {SearchError} the model failed */
async function drawPage(
  { model, prompt, temperature, maxTokens }: PageWriter,
  request: PageRequest,
  draw: number,
  signal: AbortSignal | undefined,
): Promise<readonly Document[] | SearchError> {
  const seed = keyedSeed([...request.key, request.isDeserved ? "told" : "withheld", draw]);
  const messages = pageMessages(prompt, request);
  let text: string;
  try {
    ({ text } = await model.complete({ messages, temperature, maxTokens, seed, ...(signal && { signal }) }));
  } catch (error) {
    throw error instanceof ChatModelError ? searchErrorOf(error) : error;
  }
  try {
    return parseDocuments(text, request.topK);
  } catch (error) {
    if (error instanceof SearchError) return error;
    throw error;
  }
}

function searchErrorOf(error: ChatModelError): SearchError {
  const { kind, retryAfterMs } = error;
  return new SearchError(`simulator: ${error.message}`, {
    kind,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: error,
  });
}

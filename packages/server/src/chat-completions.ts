/** `POST /v1/chat/completions` */
import type { SampledToken } from "@zerosearch/lm";
import { startAnswer } from "./answer.ts";
import { encodeChat } from "./chat-prompt.ts";
import { type ChatRequestBody, parseChatRequest } from "./request-schema.ts";
import { type AnswerFormat, respond } from "./respond.ts";
import type { Service } from "./service.ts";
import { reportTokens } from "./token-report.ts";

/** Where it is served. */
export const CHAT_ROUTE = "/v1/chat/completions";

/**
 * @param body    JSON, of any shape
 * @param client  aborted when the client leaves
 * @throws {ApiError} the request can't be answered
 */
export function answerChat(service: Service, body: unknown, client: AbortSignal): Promise<Response> {
  const request = parseChatRequest(body);
  service.checkModel(request.model);
  const prompt = encodeChat(service.model.tokenizer, request.turns);
  const answer = startAnswer(service, [prompt], request, client);
  return respond(service, answer, request, chatFormat(service, request));
}

function chatFormat({ model: { tokenizer } }: Service, request: ChatRequestBody): AnswerFormat {
  const logprobs = (tokens: readonly SampledToken[]) =>
    request.logprobs ? { content: reportTokens(tokenizer, tokens), refusal: null } : null;
  return {
    route: CHAT_ROUTE,
    idPrefix: "chatcmpl",
    object: "chat.completion",
    chunkObject: "chat.completion.chunk",
    whole: (index, content, tokens, ending) => ({
      index,
      message: { role: "assistant", content, refusal: null },
      logprobs: logprobs(tokens),
      ...ending,
    }),
    opening: (index) => ({ index, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }),
    more: (index, { text, tokens }) => ({
      index,
      delta: { content: text },
      logprobs: logprobs(tokens),
      finish_reason: null,
    }),
    closing: (index, ending) => ({ index, delta: {}, logprobs: null, ...ending }),
  };
}

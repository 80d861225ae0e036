/**
 * `POST /v1/completions`: the older interface, which continues text as it stands. The client writes the whole prompt,
 * control tokens included, so `<|im_end|>` in it is the token of that name. Nothing is put before it.
 */
import type { SampledToken } from "@zerosearch/lm";
import { startAnswer } from "./answer.ts";
import { type CompletionRequestBody, parseCompletionRequest } from "./request-schema.ts";
import { type AnswerFormat, respond } from "./respond.ts";
import type { Service } from "./service.ts";
import { tabulateTokens } from "./token-report.ts";

/** Where it is served. */
export const COMPLETIONS_ROUTE = "/v1/completions";

/**
 * @param body    JSON, of any shape
 * @param client  aborted when the client leaves
 * @throws {ApiError} the request can't be answered
 */
export function answerCompletion(service: Service, body: unknown, client: AbortSignal): Promise<Response> {
  const request = parseCompletionRequest(body);
  service.checkModel(request.model);
  const { tokenizer } = service.model;
  const prompts = request.prompts.map((prompt) =>
    typeof prompt === "string" ? tokenizer.encode(prompt, { allowSpecial: true }) : prompt,
  );
  const answer = startAnswer(service, prompts, request, client);
  return respond(service, answer, request, completionFormat(service, request));
}

function completionFormat({ model: { tokenizer } }: Service, request: CompletionRequestBody): AnswerFormat {
  const offsets = new Map<number, number>();
  const logprobs = (index: number, tokens: readonly SampledToken[]) => {
    if (!request.logprobs) return null;
    const start = offsets.get(index) ?? 0;
    const columns = tabulateTokens(tokenizer, tokens, start);
    offsets.set(
      index,
      columns.tokens.reduce((offset, token) => offset + token.length, start),
    );
    return columns;
  };
  return {
    route: COMPLETIONS_ROUTE,
    idPrefix: "cmpl",
    object: "text_completion",
    chunkObject: "text_completion",
    whole: (index, text, tokens, ending) => ({ index, text, logprobs: logprobs(index, tokens), ...ending }),
    opening: () => undefined,
    more: (index, { text, tokens }) => ({ index, text, logprobs: logprobs(index, tokens), finish_reason: null }),
    closing: (index, ending) => ({ index, text: "", logprobs: null, ...ending }),
  };
}

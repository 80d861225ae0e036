/** From texts in the making to an HTTP answer: whole, or as a stream of events. */
import { randomUUID } from "node:crypto";
import type { SampledToken } from "@zerosearch/lm";
import type { Answer, Ending } from "./answer.ts";
import type { ChoicePiece } from "./choice.ts";
import { eventStream, type Send } from "./event-stream.ts";
import { ApiError, toApiError } from "./openai-errors.ts";
import type { Wishes } from "./request-schema.ts";
import type { Service } from "./service.ts";

/** How one of OpenAI's interfaces writes its answers. */
export interface AnswerFormat {
  readonly route: string;
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  /** A choice of a whole answer. */
  whole(index: number, text: string, tokens: readonly SampledToken[], ending: Ending): object;
  /** What a stream says of a choice before its text; undefined for nothing. */
  opening(index: number): object | undefined;
  /** More of a choice. */
  more(index: number, piece: ChoicePiece): object;
  /** The end of a choice. */
  closing(index: number, ending: Ending): object;
}

/** @throws {ApiError} the answer was given up before its end, and is not a stream */
export async function respond(
  service: Service,
  answer: Answer,
  wishes: Wishes,
  format: AnswerFormat,
): Promise<Response> {
  const head = {
    id: `${format.idPrefix}-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: service.model.id,
  };
  if (!wishes.isStreaming) {
    const choices = await all(answer, (index) => readWhole(answer, index, format));
    return Response.json({ ...head, object: format.object, choices, usage: await answer.usage() });
  }
  const startedAt = performance.now();
  const count = (status: number): void =>
    service.metrics.countRequest(format.route, status, (performance.now() - startedAt) / 1000);
  const event = (choices: object[], usage: object | null) => ({
    ...head,
    object: format.chunkObject,
    choices,
    ...(wishes.includesUsage ? { usage } : {}),
  });
  const write = async (send: Send): Promise<boolean> => {
    try {
      await all(answer, (index) => stream(answer, index, { format, send: (choice) => send(event([choice], null)) }));
      if (wishes.includesUsage) send(event([], await answer.usage()));
      count(200);
      return true;
    } catch (error) {
      const failure = toApiError(error);
      if (failure !== error) service.onError(error);
      count(failure.status);
      send(failure.body);
      return false;
    }
  };
  return eventStream(write, () => answer.abort(new ApiError("the client went away", { status: 499 })));
}

/** All texts at once; if one fails the others are given up. */
async function all<Value>(answer: Answer, read: (index: number) => Promise<Value>): Promise<Value[]> {
  try {
    return await Promise.all(Array.from({ length: answer.count }, (_, index) => read(index)));
  } catch (error) {
    answer.abort(toApiError(error));
    throw error;
  }
}

async function readWhole(answer: Answer, index: number, format: AnswerFormat): Promise<object> {
  const pieces = answer.read(index);
  const tokens: SampledToken[] = [];
  let text = "";
  for (;;) {
    const next = await pieces.next();
    if (next.done) return format.whole(index, text, tokens, next.value);
    text += next.value.text;
    tokens.push(...next.value.tokens);
  }
}

async function stream(
  answer: Answer,
  index: number,
  { format, send }: { readonly format: AnswerFormat; readonly send: (choice: object) => void },
): Promise<void> {
  const opening = format.opening(index);
  if (opening) send(opening);
  const pieces = answer.read(index);
  for (;;) {
    const next = await pieces.next();
    if (next.done) {
      send(format.closing(index, next.value));
      return;
    }
    send(format.more(index, next.value));
  }
}

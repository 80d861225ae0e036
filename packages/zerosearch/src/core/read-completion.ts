/** The body of a chat completion, checked: servers that call themselves compatible send all kinds of things. */
import { z } from "zod";
import type { ChatCompletion } from "./chat-model.ts";
import { ChatModelError } from "./errors.ts";

const count = z.number().int().nonnegative();

const COMPLETION = z.object({
  choices: z
    .array(z.object({ finish_reason: z.string().nullish(), message: z.object({ content: z.string().nullish() }) }))
    .min(1),
  usage: z.object({ prompt_tokens: count.nullish(), completion_tokens: count.nullish() }).nullish(),
});

/**
 * @param body  the parsed response
 * @param where  names the server in messages
 * @throws {ChatModelError} `malformed`, or `rejected` where the server withheld the text
 */
export function readCompletion(body: unknown, where: string): ChatCompletion {
  const parsed = COMPLETION.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const what = issue ? `${issue.path.join(".") || "body"}: ${issue.message}` : "unknown form";
    throw new ChatModelError(
      `chat model at ${where}: the response is no chat completion (${what}). Check that the address ends where /chat/completions begins, usually in /v1.`,
      { kind: "malformed" },
    );
  }
  const [choice] = parsed.data.choices;
  const finish = choice?.finish_reason;
  if (finish === "content_filter") {
    throw new ChatModelError(`chat model at ${where}: its filter withheld the text`, { kind: "rejected" });
  }
  const text = choice?.message.content;
  if (typeof text !== "string" || (finish !== "stop" && finish !== "length")) {
    throw new ChatModelError(
      `chat model at ${where}: expected text that ends by "stop" or "length", got ${typeof text === "string" ? "text" : "no text"} that ends by ${JSON.stringify(finish ?? null)}`,
      { kind: "malformed" },
    );
  }
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = parsed.data.usage ?? {};
  return {
    text,
    finishReason: finish,
    ...(typeof promptTokens === "number" ? { promptTokens } : {}),
    ...(typeof completionTokens === "number" ? { completionTokens } : {}),
  };
}

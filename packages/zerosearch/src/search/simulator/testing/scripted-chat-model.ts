/** A chat model that answers by rule and remembers what it was asked. */
import type { ChatCompletion, ChatModel, ChatRequest } from "../../../core/chat-model.ts";

export type Script = (request: ChatRequest, call: number) => string | Promise<string>;

export class ScriptedChatModel implements ChatModel {
  readonly name = "scripted";
  readonly requests: ChatRequest[] = [];
  isClosed = false;
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  /** The user's text of each request. */
  get prompts(): string[] {
    return this.requests.map(({ messages }) => messages.at(-1)?.content ?? "");
  }

  async complete(request: ChatRequest): Promise<ChatCompletion> {
    this.requests.push(request);
    return { text: await this.#script(request, this.requests.length - 1), finishReason: "stop" };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

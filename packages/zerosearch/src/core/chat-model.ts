/** A model one can talk to, wherever it runs: behind an endpoint, in this process, in a worker. */

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What is asked of a chat model. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  readonly maxTokens: number;
  /** The same request with the same seed gives the same text, as far as the model keeps that promise. */
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface ChatCompletion {
  readonly text: string;
  /** `length`: cut off by `maxTokens`. */
  readonly finishReason: "stop" | "length";
  readonly promptTokens?: number;
  readonly completionTokens?: number;
}

export interface ChatModel {
  /** For logs and results: what answers, without secrets. */
  readonly name: string;
  /** @throws {ChatModelError} after its own bounded retries */
  complete(request: ChatRequest): Promise<ChatCompletion>;
  close?(): Promise<void>;
}

/** What a chat model in a worker and its owner say to each other. Everything here survives a structured clone. */
import type { ChatCompletion, ChatRequest } from "../core/chat-model.ts";
import type { FailureKind } from "../core/errors.ts";
import type { LoadChatModelOptions } from "./local-chat-model.ts";

/** What the worker begins with. */
export interface ChatWorkerData {
  readonly folder: string;
  readonly options: LoadChatModelOptions;
}

export type ToChatWorker =
  | { readonly kind: "complete"; readonly id: number; readonly request: Omit<ChatRequest, "signal"> }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "close" };

export type FromChatWorker =
  | { readonly kind: "ready"; readonly name: string }
  /** It could not be loaded; the worker ends. */
  | { readonly kind: "not-loaded"; readonly message: string; readonly isModelFileError: boolean }
  | { readonly kind: "completion"; readonly id: number; readonly completion: ChatCompletion }
  | { readonly kind: "failure"; readonly id: number; readonly failure: FailureKind; readonly message: string };

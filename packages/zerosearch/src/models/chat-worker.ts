/** The worker's side of {@link WorkerChatModel}: loads the model, answers requests, ends when told to. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { ModelFileError } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { ChatModelError } from "../core/errors.ts";
import type { ChatWorkerData, FromChatWorker, ToChatWorker } from "./chat-worker-messages.ts";
import { type LocalChatModel, loadChatModel } from "./local-chat-model.ts";

function serve(port: MessagePort, { folder, options }: ChatWorkerData): void {
  const send = (message: FromChatWorker): void => port.postMessage(message);
  setThreads(1);
  let model: LocalChatModel;
  try {
    model = loadChatModel(folder, options);
  } catch (error) {
    send({ kind: "not-loaded", message: messageOf(error), isModelFileError: error instanceof ModelFileError });
    port.close();
    return;
  }
  const running = new Map<number, AbortController>();
  const complete = async (id: number, request: (ToChatWorker & { kind: "complete" })["request"]): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      send({ kind: "completion", id, completion: await model.complete({ ...request, signal: controller.signal }) });
    } catch (error) {
      const failure = error instanceof ChatModelError ? error.kind : "server";
      send({ kind: "failure", id, failure, message: messageOf(error) });
    } finally {
      running.delete(id);
    }
  };
  port.on("message", (message: ToChatWorker) => {
    if (message.kind === "complete") void complete(message.id, message.request);
    else if (message.kind === "abort") running.get(message.id)?.abort();
    else {
      void model.close();
      port.close();
    }
  });
  send({ kind: "ready", name: model.name });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort) serve(parentPort, workerData as ChatWorkerData);

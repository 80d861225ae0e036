/**
 * A chat model in a thread of its own, so that simulator and policy compute on two cores: one engine keeps its thread
 * busy from step to step. The same folder, request and seed give the same text as in this thread.
 *
 * The numbers of libtorch's and OpenBLAS's threads belong to the process: the worker sets them to one, as two engines
 * with several threads each are slower than with one. Call `setThreads(1)` here as well.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { ModelFileError } from "@zerosearch/lm";
import type { ChatCompletion, ChatModel, ChatRequest } from "../core/chat-model.ts";
import { ChatModelError, ConfigError } from "../core/errors.ts";
import type { ChatWorkerData, FromChatWorker, ToChatWorker } from "./chat-worker-messages.ts";
import type { LoadChatModelOptions } from "./local-chat-model.ts";

/** A thread of Node 20 runs no TypeScript: started from the sources, as tests are, it is the compiled file that runs. */
const WORKER_FILE: string = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../dist/models/chat-worker.js" : "./chat-worker.js", import.meta.url),
);

interface Pending {
  resolve(completion: ChatCompletion): void;
  reject(error: ChatModelError): void;
}

export class WorkerChatModel implements ChatModel {
  readonly name: string;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  /** Why nothing can be asked any more. */
  #end: ChatModelError | undefined;

  /**
   * Loads a model folder in a new worker. The worker keeps the process alive only while it has something to answer.
   *
   * @throws {ModelFileError} the folder is no model that can be loaded
   * @throws {ConfigError} the package has not been compiled
   * @throws {ChatModelError} `unreachable`: the worker ended before the model was loaded
   */
  static async start(folder: string, options: LoadChatModelOptions = {}): Promise<WorkerChatModel> {
    if (!existsSync(WORKER_FILE)) {
      throw new ConfigError(`${WORKER_FILE} is missing: compile the packages with "npm run setup".`);
    }
    const data: ChatWorkerData = { folder, options };
    // Flags that this process was started with, such as a condition for imports, would reach the compiled worker too.
    const worker = new Worker(WORKER_FILE, { workerData: data, execArgv: [] });
    const name = await new Promise<string>((resolve, reject) => {
      worker.once("error", (cause) => reject(endOf(folder, cause)));
      worker.once("exit", () => reject(endOf(folder)));
      worker.once("message", (message: FromChatWorker) => {
        if (message.kind === "ready") resolve(message.name);
        else if (message.kind === "not-loaded" && message.isModelFileError) reject(new ModelFileError(message.message));
        else reject(endOf(folder, message));
      });
    });
    // By name: all at once, the worker's own listeners would go too, and no message ever arrive.
    for (const event of ["error", "exit"]) worker.removeAllListeners(event);
    return new WorkerChatModel(worker, name);
  }

  private constructor(worker: Worker, name: string) {
    this.name = name;
    this.#worker = worker;
    this.#worker.unref();
    worker.on("message", (message: FromChatWorker) => this.#receive(message));
    worker.on("error", (cause) => this.#fail(endOf(name, cause)));
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#fail(endOf(name));
        resolve();
      });
    });
  }

  /**
   * @throws {ChatModelError} `aborted`; `unreachable`: the worker has ended, or was closed; otherwise as
   *   {@link LocalChatModel}
   */
  async complete({ signal, ...request }: ChatRequest): Promise<ChatCompletion> {
    if (this.#end) throw this.#end;
    if (signal?.aborted) throw aborted(this.name, signal);
    const id = ++this.#lastId;
    let giveUp = (): void => {};
    const answer = new Promise<ChatCompletion>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      giveUp = () => {
        this.#send({ kind: "abort", id });
        if (signal) reject(aborted(this.name, signal));
      };
    });
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#worker.ref();
    this.#send({ kind: "complete", id, request });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener("abort", giveUp);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#worker.unref();
    }
  }

  /** Ends the worker once its present step is over. What was asked and not answered fails as `unreachable`. */
  async close(): Promise<void> {
    if (!this.#end) {
      this.#fail(new ChatModelError(`chat model ${this.name} has been closed`, { kind: "unreachable" }));
      this.#worker.ref();
      this.#send({ kind: "close" });
    }
    await this.#ended;
  }

  #send(message: ToChatWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromChatWorker): void {
    if (message.kind === "completion") this.#pending.get(message.id)?.resolve(message.completion);
    if (message.kind === "failure") {
      const { failure, id } = message;
      this.#pending.get(id)?.reject(new ChatModelError(message.message, { kind: failure }));
    }
  }

  /** The first reason stays. */
  #fail(error: ChatModelError): void {
    this.#end ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#end);
  }
}

function aborted(name: string, signal: AbortSignal): ChatModelError {
  return new ChatModelError(`chat model ${name} was told to stop`, { kind: "aborted", cause: signal.reason });
}

function endOf(name: string, cause?: unknown): ChatModelError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ChatModelError(`the worker of chat model ${name} ended${reason}. Start it anew.`, {
    kind: "unreachable",
    cause,
  });
}

/** What the routes share: the model that is served, and what guards it. */
import { setMaxListeners } from "node:events";
import type { Engine, Tokenizer } from "@zerosearch/lm";
import { Admission } from "./admission.ts";
import { Metrics } from "./metrics.ts";
import { ApiError } from "./openai-errors.ts";

/** A model to serve. The service borrows the engine: whoever made it frees it. */
export interface ServedModel {
  /** The name that clients may give, and that answers carry. */
  readonly id: string;
  /** Made with this tokenizer: stop strings need it. */
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text, beside the tokenizer's end of text. */
  readonly eosIds: readonly number[];
}

/** Bounds on what clients can demand, and who hears of failures. */
export interface ServiceOptions {
  /** Texts that run and wait together; beyond it requests get 503. Default 1024. */
  readonly maxInFlight?: number;
  /** Milliseconds that an answer may take. Default 600,000. */
  readonly requestTimeoutMs?: number;
  /** Bytes of a request. Default 1 MiB: tokenising it holds up everybody else. */
  readonly maxBodyBytes?: number;
  /**
   * Most tokens of a chat answer for which the client names no number, if the model has room for so many. Default 1024:
   * the engine sets this room aside, so "as many as the model can" would let few texts run at once.
   */
  readonly defaultMaxTokens?: number;
  /** Hears of failures that are the server's own, of which clients learn nothing. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** One served model at work. */
export class Service {
  readonly model: ServedModel;
  readonly limits: Required<Omit<ServiceOptions, "onError">>;
  readonly onError: (error: unknown) => void;
  readonly endIds: ReadonlySet<number>;
  readonly admission: Admission;
  readonly metrics: Metrics = new Metrics();
  /** Unix seconds. */
  readonly startedAt: number = Math.floor(Date.now() / 1000);
  /** Aborted when the server gives up on whatever is still under way. */
  readonly closing: AbortController = new AbortController();

  constructor(model: ServedModel, options: ServiceOptions = {}) {
    this.model = model;
    this.limits = {
      maxInFlight: options.maxInFlight ?? 1024,
      requestTimeoutMs: options.requestTimeoutMs ?? 600_000,
      maxBodyBytes: options.maxBodyBytes ?? 2 ** 20,
      defaultMaxTokens: options.defaultMaxTokens ?? 1024,
    };
    for (const [name, value] of Object.entries(this.limits)) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`${name} must be an integer ≥ 1, got ${value}`);
    }
    this.onError =
      options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : new Error(String(error))));
    const { eosId } = model.tokenizer;
    this.endIds = new Set([...model.eosIds, ...(eosId === undefined ? [] : [eosId])]);
    setMaxListeners(0, this.closing.signal); // every request under way listens
    this.admission = new Admission(this.limits.maxInFlight);
  }

  /** The empty name is as good as the right one. @throws {ApiError} 404 for any other */
  checkModel(name: string): void {
    if (name === "" || name === this.model.id) return;
    throw new ApiError(
      `the model ${JSON.stringify(name.slice(0, 200))} is not served here: use ${this.model.id}, or ""`,
      {
        status: 404,
        param: "model",
        code: "model_not_found",
      },
    );
  }
}

/**
 * The search engine that is a language model (§2): given query, question and golden answers it writes the documents,
 * useful or noisy as the curriculum's draw says.
 *
 * Differs from the reference: a session belongs to one question, so that a query is never paired with another row's
 * (defect D4); failures are typed and end there (D20, D21); draws are keyed (D26); pages are consistent, the truth is
 * withheld from queries that don't deserve it, and labels are checked (D36). `REFERENCE_BEHAVIOUR` switches off what the
 * reference has not.
 */
import type { ChatMessage, ChatModel } from "../../core/chat-model.ts";
import { ChatModelError, ConfigError, SearchError } from "../../core/errors.ts";
import { keyedSeed, type RandomKey } from "../../core/keyed-random.ts";
import { checkSearch } from "../check-search.ts";
import type {
  Document,
  Intent,
  SearchEngine,
  SearchOptions,
  SearchResult,
  SearchSession,
  SessionContext,
} from "../search-engine.ts";
import { ConsistentPages, type StoredPage } from "./consistent-pages.ts";
import { drawIsNoisy } from "./curriculum.ts";
import { holdsAnswer, isLabelKept } from "./label-check.ts";
import { parseDocuments } from "./parse-documents.ts";
import { resolveOptions, type SimulatorOptions } from "./simulator-options.ts";
import type { SimulatorPrompt } from "./simulator-prompts.ts";

/** A page as it was written, before it is known who else asked. */
interface Page {
  readonly documents: readonly Document[];
  readonly holdsAnswer: boolean;
  readonly draws: number;
}

/** What a page is made of. */
interface PageRequest {
  readonly context: SessionContext;
  readonly query: string;
  readonly topK: number;
  readonly intent: Intent;
  readonly isDeserved: boolean;
  /** Of the draws: beside seed, step and question, what tells this page from others. */
  readonly key: RandomKey;
}

export class Simulator implements SearchEngine {
  readonly name = "simulator";
  readonly identity: Readonly<Record<string, unknown>>;
  readonly #model: ChatModel;
  readonly #prompt: SimulatorPrompt;
  readonly #options: Required<SimulatorOptions>;
  readonly #pages = new ConsistentPages<Page>();

  /**
   * The simulator owns the model: closing it closes both.
   *
   * @throws {ConfigError} an option is out of range, or contradicts another
   */
  constructor(model: ChatModel, prompt: SimulatorPrompt, options: SimulatorOptions = {}) {
    this.#model = model;
    this.#prompt = prompt;
    this.#options = resolveOptions(options);
    const { gate, ...plain } = this.#options;
    this.identity = { model: model.name, prompt: prompt.identity, gate: gate.name, ...plain };
  }

  open(context: SessionContext): SearchSession {
    const { noise, question } = context;
    if (!(noise >= 0 && noise <= 1)) {
      throw new ConfigError(`simulator: noise is ${noise}, expected a probability in [0, 1].`);
    }
    if (question.answers.length === 0) {
      throw new ConfigError(`simulator: question ${question.id} has no answer to write documents about: leave it out.`);
    }
    const shown: Document[] = [];
    let turn = 0;
    return {
      search: async (query, options) => {
        const result = await this.#search(context, query, options, { turn: turn++, shown: [...shown] });
        shown.push(...result.documents);
        return result;
      },
    };
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }

  async #search(
    context: SessionContext,
    rawQuery: string,
    options: SearchOptions,
    { turn, shown }: { readonly turn: number; readonly shown: readonly Document[] },
  ): Promise<SearchResult> {
    checkSearch(this.name, options);
    const startedAt = performance.now();
    const { consistentPages, gate } = this.#options;
    const query = consistentPages ? normalizeQuery(rawQuery) : rawQuery.trim();
    if (query === "") {
      throw new SearchError("simulator: the query is empty, expected words to search for.", { kind: "rejected" });
    }
    const key = this.#drawKey(context, query, turn);
    const intent: Intent = drawIsNoisy(context.noise, [...ownerOf(context), "noise", ...key.noise])
      ? "noisy"
      : "useful";
    const isDeserved = gate({ question: context.question, query, shown });
    const request = { context, query, topK: options.topK, intent, isDeserved, key: key.page };
    const { page, isRepeated } = await this.#pageOf(request, options.signal);
    const { documents, holdsAnswer: holds, draws } = page;
    const simulation = { intent, isDeserved, holdsAnswer: holds, isRepeated, draws };
    return { documents, source: this.name, latencyMs: performance.now() - startedAt, simulation };
  }

  /** By what a label and a page are drawn, beside seed, step and question. */
  #drawKey({ key: { sample } }: SessionContext, query: string, turn: number): { noise: RandomKey; page: RandomKey } {
    if (this.#options.consistentPages) return { noise: ["page", query], page: ["page", query] };
    const call = ["call", sample, turn] as const;
    return { noise: this.#options.sharedNoise === "group" ? ["group", turn] : call, page: call };
  }

  async #pageOf(request: PageRequest, signal: AbortSignal | undefined): Promise<StoredPage<Page>> {
    if (!this.#options.consistentPages) return { page: await this.#makePage(request, signal), isRepeated: false };
    const { context, query, topK, intent, isDeserved } = request;
    const { key } = context;
    try {
      const name = JSON.stringify([key.questionId, query, topK, intent, isDeserved]);
      return await this.#pages.get(key, name, (shared) => this.#makePage(request, shared), signal);
    } catch (error) {
      // Who waits for somebody else's page is told of the abort by the page store, not by the model.
      if (signal?.aborted && !(error instanceof SearchError)) throw abortedBy(signal);
      throw error;
    }
  }

  /** Draws until the label holds; a draw that can't be parsed is one that does not hold. */
  async #makePage(request: PageRequest, signal: AbortSignal | undefined): Promise<Page> {
    let documents: readonly Document[] = [];
    let failure: SearchError | undefined;
    for (let draws = 1; draws <= this.#options.maxDraws; draws++) {
      const drawn = await this.#draw(request, draws, signal);
      if (drawn instanceof SearchError) failure = drawn;
      else documents = drawn;
      const holds = holdsAnswer(documents, request.context.question.answers);
      const isLast = draws === this.#options.maxDraws;
      if (documents.length > 0 && (isLast || isLabelKept({ ...request, holdsAnswer: holds }))) {
        return { documents, holdsAnswer: holds, draws };
      }
    }
    throw failure ?? new Error("internal: a page was neither drawn nor refused");
  }

  /** The documents of one draw, or the failure of its parsing. @throws {SearchError} the model failed */
  async #draw(
    request: PageRequest,
    draw: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Document[] | SearchError> {
    const { temperature, maxTokens } = this.#options;
    const seed = keyedSeed([
      ...ownerOf(request.context),
      "page",
      ...request.key,
      request.isDeserved ? "told" : "withheld",
      draw,
    ]);
    let text: string;
    try {
      const messages = this.#messages(request);
      ({ text } = await this.#model.complete({ messages, temperature, maxTokens, seed, ...(signal && { signal }) }));
    } catch (error) {
      throw error instanceof ChatModelError ? searchErrorOf(error) : error;
    }
    try {
      return parseDocuments(text, request.topK);
    } catch (error) {
      if (error instanceof SearchError) return error;
      throw error;
    }
  }

  #messages({ context: { question }, query, topK, intent, isDeserved }: PageRequest): ChatMessage[] {
    const about = { query, question: question.text, answers: question.answers, count: topK };
    if (!isDeserved) return this.#prompt.withheld?.(about) ?? this.#prompt.noisy(about);
    return intent === "useful" ? this.#prompt.useful(about) : this.#prompt.noisy(about);
  }
}

/** White space closed up and Unicode composed. Case stays: it tells the US from us. */
function normalizeQuery(query: string): string {
  return query.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
}

function ownerOf({ key: { seed, step, questionId } }: SessionContext): RandomKey {
  return [seed, step, questionId, "simulator"];
}

function searchErrorOf(error: ChatModelError): SearchError {
  const { kind, retryAfterMs } = error;
  return new SearchError(`simulator: ${error.message}`, {
    kind,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: error,
  });
}

function abortedBy(signal: AbortSignal): SearchError {
  return new SearchError("simulator: the search was aborted.", { kind: "aborted", cause: signal.reason });
}

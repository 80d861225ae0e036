/**
 * The search engine that is a language model (§2): given query, question and golden answers it writes the documents,
 * useful or noisy as the curriculum's draw says.
 *
 * Differs from the reference: a session belongs to one question, so that a query is never paired with another row's
 * (defect D4); failures are typed and end there (D20, D21); draws are keyed (D26); pages are consistent, the truth is
 * withheld from queries that don't deserve it, and labels are checked (D36). `REFERENCE_BEHAVIOUR` switches off what the
 * reference has not.
 */
import type { ChatModel } from "../../core/chat-model.ts";
import { ConfigError, SearchError } from "../../core/errors.ts";
import type { RandomKey } from "../../core/keyed-random.ts";
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
import { ConsistentPages, type PageScope, type StoredPage } from "./consistent-pages.ts";
import { drawIsNoisy } from "./curriculum.ts";
import { resolveOptions, type SimulatorOptions } from "./simulator-options.ts";
import type { SimulatorPrompt } from "./simulator-prompts.ts";
import { type Page, type PageRequest, type PageWriter, writePage } from "./write-page.ts";

export class Simulator implements SearchEngine {
  readonly name = "simulator";
  readonly identity: Readonly<Record<string, unknown>>;
  readonly #writer: PageWriter;
  readonly #options: Required<SimulatorOptions>;
  readonly #pages = new ConsistentPages<Page>();

  /**
   * The simulator owns the model: closing it closes both.
   *
   * @throws {ConfigError} an option is out of range, or contradicts another
   */
  constructor(model: ChatModel, prompt: SimulatorPrompt, options: SimulatorOptions = {}) {
    this.#options = resolveOptions(options);
    this.#writer = { model, prompt, ...this.#options };
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
    await this.#writer.model.close?.();
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
    const pageKey = [...ownerOf(context), "page", ...key.page];
    const request = { question: context.question, query, topK: options.topK, intent, isDeserved, key: pageKey };
    const { page, isRepeated } = await this.#pageOf(context.key, request, options.signal);
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

  async #pageOf(scope: PageScope, request: PageRequest, signal: AbortSignal | undefined): Promise<StoredPage<Page>> {
    const write = (by: AbortSignal | undefined): Promise<Page> => writePage(this.#writer, request, by);
    if (!this.#options.consistentPages) return { page: await write(signal), isRepeated: false };
    const { question, query, topK, intent, isDeserved } = request;
    try {
      const name = JSON.stringify([question.id, query, topK, intent, isDeserved]);
      return await this.#pages.get(scope, name, write, signal);
    } catch (error) {
      // Who waits for somebody else's page is told of the abort by the page store, not by the model.
      if (signal?.aborted && !(error instanceof SearchError)) throw abortedBy(signal);
      throw error;
    }
  }
}

/** White space closed up and Unicode composed. Case stays: it tells the US from us. */
function normalizeQuery(query: string): string {
  return query.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
}

function ownerOf({ key: { seed, step, questionId } }: SessionContext): RandomKey {
  return [seed, step, questionId, "simulator"];
}

function abortedBy(signal: AbortSignal): SearchError {
  return new SearchError("simulator: the search was aborted.", { kind: "aborted", cause: signal.reason });
}

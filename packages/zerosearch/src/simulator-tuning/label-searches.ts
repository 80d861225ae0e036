/** Every page that was collected gets a label, or the reason why it has none. */
import { setMaxListeners } from "node:events";
import type { Environment } from "../core/environment.ts";
import { ChatModelError, DataError, RunError } from "../core/errors.ts";
import { createChatModel } from "../models/create-chat-model.ts";
import { type CollectedSearch, collectedSearchSchema, readSearches } from "./collected-search.ts";
import { containmentJudge, type Judge, type Verdict } from "./judge.ts";
import type { LabelConfig } from "./label-config.ts";
import { LabelLog, pageKey } from "./label-log.ts";
import { modelJudge } from "./model-judge.ts";

/** What stands in the file of labels. */
interface LabelCount {
  searches: number;
  useful: number;
  noisy: number;
  /** Without a label, by reason. */
  readonly failures: Record<string, number>;
}

export interface LabelSummary extends LabelCount {
  /** Labels that the file held before. */
  readonly before: number;
  /** Pages that the judge was asked about; a question, query and page that had been judged are not asked about again. */
  readonly judged: number;
}

export interface LabelHooks {
  readonly onProgress?: (count: Readonly<LabelCount>) => void;
  /** Ends it early: what has been judged is kept. */
  readonly signal?: AbortSignal;
}

/**
 * Labels as a configuration says. Line n of the result is about line n of the searches.
 *
 * @throws {ConfigError} @throws {ModelFileError} @throws {ChatModelError} the judge can't be had
 * @throws {DataError} the searches can't be read, or the file to go on with is of other ones or another judge's
 * @throws {RunError} the file can't be written, or the judge fails too often
 */
export async function labelSearches(
  config: LabelConfig,
  { environment, ...hooks }: LabelHooks & { readonly environment?: Environment } = {},
): Promise<LabelSummary> {
  const { searches, judge, ...options } = config;
  if (judge.kind === "containment") return await labelWith(searches, containmentJudge, { ...options, ...hooks });
  const model = await createChatModel(judge.model, environment);
  try {
    return await labelWith(searches, modelJudge(model, judge), { ...options, ...hooks });
  } finally {
    await model.close?.();
  }
}

interface LabelWithOptions extends LabelHooks, Omit<LabelConfig, "searches" | "judge"> {}

/** @throws {DataError} @throws {RunError} @throws {ChatModelError} see {@link labelSearches} */
async function labelWith(paths: readonly string[], judge: Judge, options: LabelWithOptions): Promise<LabelSummary> {
  const { out, maxConcurrent, signal } = options;
  const searches = readSearches(paths, collectedSearchSchema);
  const first = await searches.next(); // what can't be read makes no file
  using log = await LabelLog.open(out, judge);
  const count = new Count(options);
  const verdicts = new Verdicts(judge);
  const stop = new AbortController();
  const ending = AbortSignal.any(signal ? [signal, stop.signal] : [stop.signal]);
  setMaxListeners(0, ending); // every page under way listens
  const waiting: { readonly search: CollectedSearch; readonly verdict: Promise<Verdict> }[] = [];
  const writeNext = async (): Promise<void> => {
    const [next] = waiting;
    if (!next) return;
    const verdict = await next.verdict;
    log.append(next.search, verdict);
    waiting.shift();
    count.add(verdict);
  };
  try {
    for (let next = first; !next.done && !ending.aborted; next = await searches.next()) {
      const { search } = next.value;
      const done = log.earlier(count.now.searches, search);
      if (done) {
        verdicts.know(search, done);
        count.add(done);
        continue;
      }
      waiting.push({ search, verdict: verdicts.of(search, ending) });
      if (waiting.length >= maxConcurrent) await writeNext();
    }
    while (waiting.length > 0) await writeNext();
    if (!ending.aborted && count.now.searches < log.before) {
      throw new DataError(`${out} holds ${log.before} labels, of more searches than there are: write to another file.`);
    }
  } catch (error) {
    if (!(signal?.aborted && error instanceof ChatModelError)) throw error;
  } finally {
    stop.abort();
    await searches.return(undefined);
    await Promise.allSettled(waiting.map(({ verdict }) => verdict)); // nothing goes on behind the caller's back
  }
  return { ...count.now, before: log.before, judged: verdicts.asked };
}

/** Fewer verdicts say nothing of a judge. */
const FEWEST_JUDGED = 20;

class Count {
  readonly now: LabelCount = { searches: 0, useful: 0, noisy: 0, failures: {} };
  readonly #options: Pick<LabelWithOptions, "maxFailureShare" | "onProgress">;

  constructor(options: Pick<LabelWithOptions, "maxFailureShare" | "onProgress">) {
    this.#options = options;
  }

  /** @throws {RunError} the judge fails too often */
  add(verdict: Verdict): void {
    const { maxFailureShare, onProgress } = this.#options;
    const { now } = this;
    now.searches++;
    if (verdict.label !== null) now[verdict.label]++;
    else now.failures[verdict.failure.kind] = (now.failures[verdict.failure.kind] ?? 0) + 1;
    onProgress?.(now);
    const failed = now.searches - now.useful - now.noisy;
    if (verdict.label !== null || now.searches < FEWEST_JUDGED || failed <= maxFailureShare * now.searches) return;
    throw new RunError(
      `${failed} of ${now.searches} pages got no verdict, more than maxFailureShare allows. The last: ${verdict.failure.message}`,
    );
  }
}

/** Asks the judge once for each question, query and page. */
class Verdicts {
  asked = 0;
  readonly #judge: Judge;
  readonly #verdicts = new Map<string, Promise<Verdict>>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  know(search: CollectedSearch, verdict: Verdict): void {
    this.#verdicts.set(pageKey(search), Promise.resolve(verdict));
  }

  of(search: CollectedSearch, signal: AbortSignal): Promise<Verdict> {
    const key = pageKey(search);
    const known = this.#verdicts.get(key);
    if (known) return known;
    this.asked++;
    const verdict = this.#judge.judge(search, signal);
    verdict.catch(() => {}); // heard when its line is written
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}

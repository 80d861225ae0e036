/**
 * Labelled pages become what a simulator learns: the prompt that it will be asked with, and the page as it must write it.
 * A page is learned under the prompt that the product's simulator would use for it, so where the gate withholds the truth
 * it is withheld here too. What would teach a simulator to tell an answer under a prompt that must not bring it is left out,
 * and where it learns to tell one it learns, for the same query, not to.
 */
import type { ChatMessage } from "../core/chat-model.ts";
import { DataError } from "../core/errors.ts";
import { keyedShuffle } from "../core/keyed-random.ts";
import { type Gates, gateNamed, simulatorPromptOf } from "../models/simulator-parts.ts";
import { writeDurableFile } from "../run/durable-file.ts";
import { formatDocuments } from "../search/format-documents.ts";
import type { Intent } from "../search/search-engine.ts";
import type { Gate } from "../search/simulator/gate.ts";
import { holdsAnswer } from "../search/simulator/label-check.ts";
import type { SimulatorPrompt } from "../search/simulator/simulator-prompts.ts";
import { pageMessages } from "../search/simulator/write-page.ts";
import type { BuildConfig } from "./build-config.ts";
import { type PageDocument, questionOf, readSearches, type SearchInPlace } from "./collected-search.ts";
import { type LabelledSearch, labelledSearchSchema } from "./labelled-search.ts";
import { NoiseSource } from "./noise-source.ts";

/** One line, in the schema `prompt-completion` of `zerosearch sft`. */
export interface SimulatorRecord {
  readonly prompt: readonly ChatMessage[];
  readonly completion: string;
  /** What the prompt asks for: `noisy` where the truth is withheld, too. */
  readonly label: Intent;
  readonly metadata: { readonly questionId: string; readonly query: string; readonly isDeserved: boolean };
}

/** What became of the searches. */
export interface BuildSummary {
  readonly searches: number;
  readonly records: number;
  readonly useful: number;
  readonly noisy: number;
  /** Of the noisy ones, those from which the gate withholds the truth. */
  readonly withheld: number;
  /** Of the noisy ones, those that were made for a query whose page tells the answer. */
  readonly added: number;
  readonly leftOut: {
    /** The judge gave no label. */
    readonly unlabelled: number;
    /** Nothing was found. */
    readonly empty: number;
    /** An answer stands in the page, but the page is noisy or the truth is withheld. */
    readonly leaking: number;
    /** The same prompt with the same page. */
    readonly repeated: number;
    readonly balanced: number;
  };
}

/**
 * Builds as a configuration says, and writes the file at once.
 *
 * @throws {DataError} the searches can't be read, or no record comes of them
 * @throws {ConfigError} the gate is unknown, or a template can't be filled
 * @throws {RunError} the file can't be written
 */
export async function buildRecords(
  config: BuildConfig,
  { gates }: { readonly gates?: Gates } = {},
): Promise<BuildSummary> {
  const { searches, out, topK, addsNoise, isBalanced, seed } = config;
  const [prompt, gate] = [simulatorPromptOf(config), gateNamed(config.gate, gates)];
  await using noise = addsNoise ? await NoiseSource.read(searches) : undefined;
  const builder = new RecordBuilder({ prompt, gate, topK, noise });
  for await (const search of readSearches(searches, labelledSearchSchema)) await builder.add(search);
  const { records, summary } = isBalanced ? builder.balanced(seed) : builder.all();
  if (records.length === 0) {
    const { useful, noisy } = builder.all().summary;
    throw new DataError(
      `${searches.join(", ")}: no record comes of ${summary.searches} searches (${useful} useful, ${noisy} noisy usable). ` +
        "Collect more, judge by another criterion, or set isBalanced to false.",
    );
  }
  writeDurableFile(out, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return summary;
}

interface RecordBuilderOptions {
  readonly prompt: SimulatorPrompt;
  readonly gate: Gate;
  readonly topK: number;
  readonly noise: NoiseSource | undefined;
}

interface Page {
  readonly documents: readonly PageDocument[];
  readonly intent: Intent;
  readonly isDeserved: boolean;
}

class RecordBuilder {
  readonly #options: RecordBuilderOptions;
  readonly #records = new Map<string, SimulatorRecord>();
  readonly #added = new Set<SimulatorRecord>();
  readonly #leftOut = { unlabelled: 0, empty: 0, leaking: 0, repeated: 0 };
  #searches = 0;

  constructor(options: RecordBuilderOptions) {
    this.#options = options;
  }

  async add({ search, shown }: SearchInPlace<LabelledSearch>): Promise<void> {
    this.#searches++;
    const { gate, topK, noise } = this.#options;
    const { query, answers, label } = search;
    const documents = search.documents.slice(0, topK);
    if (label === null) {
      this.#leftOut.unlabelled++;
      return;
    }
    const { shownCount } = formatDocuments(documents);
    if (shownCount === 0) {
      this.#leftOut.empty++;
      return;
    }
    const isDeserved = gate({ question: questionOf(search), query, shown });
    const isTold = isDeserved && label === "useful";
    const isAnswering = holdsAnswer(documents, answers);
    if (!isTold && isAnswering) {
      this.#leftOut.leaking++;
      return;
    }
    const isNew = this.#keep(this.#recordOf(search, { documents, intent: label, isDeserved }));
    if (!isNew) this.#leftOut.repeated++;
    if (!isNew || !isTold || !isAnswering) return;
    const other = await noise?.page(search, shownCount);
    if (other === undefined) return;
    const record = this.#recordOf(search, { documents: other, intent: "noisy", isDeserved });
    if (this.#keep(record)) this.#added.add(record);
  }

  #recordOf(search: LabelledSearch, { documents, intent, isDeserved }: Page): SimulatorRecord {
    const { questionId, query } = search;
    const { text: completion, shownCount } = formatDocuments(documents);
    const question = questionOf(search);
    return {
      prompt: pageMessages(this.#options.prompt, { question, query, topK: shownCount, intent, isDeserved }),
      completion,
      label: isDeserved ? intent : "noisy",
      metadata: { questionId, query, isDeserved },
    };
  }

  /** Whether it is a new one. */
  #keep(record: SimulatorRecord): boolean {
    const name = JSON.stringify([record.prompt, record.completion]);
    if (this.#records.has(name)) return false;
    this.#records.set(name, record);
    return true;
  }

  /** In the order of the searches. */
  all(): { records: SimulatorRecord[]; summary: BuildSummary } {
    const records = [...this.#records.values()];
    return { records, summary: this.#summaryOf(records) };
  }

  /** In the same order, as many of each label as there are of the rarer one. */
  balanced(seed: number): { records: SimulatorRecord[]; summary: BuildSummary } {
    const { records: all } = this.all();
    const byLabel = (["useful", "noisy"] as const).map((label) => all.filter((record) => record.label === label));
    const least = Math.min(...byLabel.map(({ length }) => length));
    const kept = new Set(byLabel.flatMap((own) => keyedShuffle(own, [seed, "balance records"]).slice(0, least)));
    const records = all.filter((record) => kept.has(record));
    return { records, summary: this.#summaryOf(records) };
  }

  #summaryOf(records: readonly SimulatorRecord[]): BuildSummary {
    const useful = records.filter(({ label }) => label === "useful").length;
    return {
      searches: this.#searches,
      records: records.length,
      useful,
      noisy: records.length - useful,
      withheld: records.filter(({ metadata }) => !metadata.isDeserved).length,
      added: records.filter((record) => this.#added.has(record)).length,
      leftOut: { ...this.#leftOut, balanced: this.#records.size - records.length },
    };
  }
}

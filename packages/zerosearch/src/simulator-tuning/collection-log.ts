/**
 * The file that searches are collected in. A rollout's searches are written when it has ended, in one piece that a line
 * about the rollout closes; what follows the last such line was torn by a crash and is played again.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../core/errors.ts";
import { searchesOf } from "../rollout/policy-tokens.ts";
import { STOP_REASONS, type StopReason } from "../rollout/stop-reason.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { JsonlLog, readLines } from "../run/jsonl-log.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { type CollectedSearch, collectedSearchSchema, pageDocument } from "./collected-search.ts";

/** That a rollout has ended, and how; its searches stand before it. */
interface RolloutLine {
  readonly questionId: string;
  readonly sample: number;
  readonly stopReason: StopReason;
  readonly answer: string | null;
}

type CollectionLine = ({ readonly event: "search" } & CollectedSearch) | ({ readonly event: "rollout" } & RolloutLine);

const rolloutLineSchema: z.ZodType<RolloutLine> = z.object({
  questionId: z.string(),
  sample: z.int().min(0),
  stopReason: z.enum(STOP_REASONS),
  answer: z.string().nullable(),
});

/** What stands in the file. */
export interface CollectionCount {
  rollouts: number;
  /** Rollouts that gave an answer. */
  answered: number;
  searches: number;
  /** Searches whose question and query stood there before. */
  duplicates: number;
  /** Searches that found nothing. */
  empty: number;
}

export class CollectionLog implements Disposable {
  readonly #log: JsonlLog;
  readonly #engine: Readonly<Record<string, unknown>>;
  readonly #content: Content;

  private constructor(log: JsonlLog, engine: Readonly<Record<string, unknown>>, content: Content) {
    this.#log = log;
    this.#engine = engine;
    this.#content = content;
  }

  /**
   * Opens a file to go on with, or makes it.
   *
   * @throws {RunError} it can't be written, or a line in it is damaged
   * @throws {ConfigError} its searches are another engine's
   */
  static async open(path: string, { name, identity }: Pick<SearchEngine, "name" | "identity">): Promise<CollectionLog> {
    const engine = { name, ...identity };
    const content = new Content();
    const pending: CollectionLine[] = [];
    let sizeBytes = 0;
    let wholeBytes = 0;
    if (existsSync(path)) {
      for await (const { line, bytes } of readLines(path, parseLine)) {
        sizeBytes += bytes;
        pending.push(line);
        if (line.event === "search") checkEngine(path, line, engine);
        if (line.event !== "rollout") continue;
        for (const each of pending.splice(0)) content.note(each);
        wholeBytes = sizeBytes;
      }
    }
    return new CollectionLog(new JsonlLog(path, wholeBytes), engine, content);
  }

  get count(): Readonly<CollectionCount> {
    return this.#content.count;
  }

  has(questionId: string, sample: number): boolean {
    return this.#content.has(questionId, sample);
  }

  /** Adds what a rollout searched. @throws {RunError} such as on a full disk */
  append(trajectory: Trajectory): void {
    const { question, key, stopReason, answer } = trajectory;
    const { id: questionId, text, answers, source } = question;
    const { sample } = key;
    const searches = searchesOf(trajectory).map(({ query, result }, turn): CollectionLine => {
      const documents = result.documents.map(pageDocument);
      const asked = { questionId, question: text, answers, source, query };
      return { event: "search", ...asked, documents, engine: this.#engine, sample, turn };
    });
    const lines: CollectionLine[] = [...searches, { event: "rollout", questionId, sample, stopReason, answer }];
    this.#log.append(lines.map((line) => JSON.stringify(line)).join("\n"));
    for (const line of lines) this.#content.note(line);
  }

  [Symbol.dispose](): void {
    this.#log.dispose();
  }
}

/** What is known of the lines, without their documents. */
class Content {
  readonly count: CollectionCount = { rollouts: 0, answered: 0, searches: 0, duplicates: 0, empty: 0 };
  readonly #rollouts = new Set<string>();
  readonly #asked = new Set<string>();

  has(questionId: string, sample: number): boolean {
    return this.#rollouts.has(JSON.stringify([questionId, sample]));
  }

  note(line: CollectionLine): void {
    const { count } = this;
    if (line.event === "rollout") {
      this.#rollouts.add(JSON.stringify([line.questionId, line.sample]));
      count.rollouts++;
      if (line.stopReason === "answered") count.answered++;
      return;
    }
    count.searches++;
    if (line.documents.length === 0) count.empty++;
    const asked = JSON.stringify([line.questionId, line.query]);
    if (this.#asked.has(asked)) count.duplicates++;
    this.#asked.add(asked);
  }
}

function parseLine(text: string): { readonly line: CollectionLine; readonly bytes: number } {
  const value: { event?: unknown } = JSON.parse(text);
  const line: CollectionLine =
    value.event === "rollout"
      ? { event: "rollout", ...rolloutLineSchema.parse(value) }
      : { event: "search", ...collectedSearchSchema.parse(value) };
  return { line, bytes: Buffer.byteLength(text) + 1 };
}

function checkEngine(path: string, { engine }: CollectedSearch, present: Readonly<Record<string, unknown>>): void {
  const [was, is] = [JSON.stringify(engine), JSON.stringify(present)];
  if (was === is) return;
  throw new ConfigError(`${path} holds searches of ${was}, but ${is} is searched now: write to another file.`);
}

/** The file of labelled searches: line n is about search n, so a file that ends early is gone on with where it ends. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { DataError } from "../core/errors.ts";
import { JsonlLog, readLines } from "../run/jsonl-log.ts";
import type { CollectedSearch } from "./collected-search.ts";
import type { Judge, Verdict } from "./judge.ts";
import { type LabelledSearch, labelledSearchSchema } from "./labelled-search.ts";

/** A label that the file held before, without its page. */
interface EarlierLabel {
  readonly pageKey: string;
  readonly verdict: Verdict;
}

export class LabelLog implements Disposable {
  readonly #log: JsonlLog;
  readonly #judge: Judge["identity"];
  readonly #earlier: readonly EarlierLabel[];

  private constructor(log: JsonlLog, judge: Judge["identity"], earlier: readonly EarlierLabel[]) {
    this.#log = log;
    this.#judge = judge;
    this.#earlier = earlier;
  }

  /**
   * Opens a file to go on with, or makes it.
   *
   * @throws {DataError} it holds another judge's verdicts
   * @throws {RunError} it can't be written, or a line in it is damaged
   */
  static async open(path: string, { identity }: Judge): Promise<LabelLog> {
    const earlier: EarlierLabel[] = [];
    let sizeBytes = 0;
    if (existsSync(path)) {
      const lines = readLines(path, (text) => ({ text, line: labelledSearchSchema.parse(JSON.parse(text)) }));
      for await (const { text, line } of lines) {
        const [was, is] = [JSON.stringify(line.judge), JSON.stringify(identity)];
        if (was !== is) throw new DataError(`${path} holds verdicts of ${was}, not of ${is}: write to another file.`);
        earlier.push({ pageKey: pageKey(line), verdict: verdictOf(line) });
        sizeBytes += Buffer.byteLength(text) + 1;
      }
    }
    return new LabelLog(new JsonlLog(path, sizeBytes), identity, earlier);
  }

  /** Labels that it held when it was opened. */
  get before(): number {
    return this.#earlier.length;
  }

  /**
   * What the file says of a search, if it reaches so far.
   *
   * @param place  which search it is, from 0
   * @throws {DataError} the file's line is about another search
   */
  earlier(place: number, search: CollectedSearch): Verdict | undefined {
    const label = this.#earlier[place];
    if (label === undefined || label.pageKey === pageKey(search)) return label?.verdict;
    throw new DataError(
      `${this.#log.path}, line ${place + 1} is not about search ${place + 1}, ${JSON.stringify(search.query)}: ` +
        "it was made of other searches. Write to another file.",
    );
  }

  /** @throws {RunError} such as on a full disk */
  append(search: CollectedSearch, verdict: Verdict): void {
    const line: LabelledSearch = { ...search, ...verdict, judge: this.#judge };
    this.#log.append(JSON.stringify(line));
  }

  [Symbol.dispose](): void {
    this.#log.dispose();
  }
}

function verdictOf(line: LabelledSearch): Verdict {
  return line.label === null ? { label: null, failure: line.failure } : { label: line.label };
}

/** What a verdict depends on, short. */
export function pageKey({ questionId, question, answers, query, documents }: CollectedSearch): string {
  const told = JSON.stringify([questionId, question, answers, query, documents]);
  return createHash("sha256").update(told).digest("base64");
}

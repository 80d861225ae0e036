/** What is asked, and what counts as an answer. */

/** One row of a data set. */
export interface Question {
  /** Unique in its data set, whatever sources it was merged from. */
  readonly id: string;
  /** As in the data; `agent-prompt.ts` strips it and adds a question mark. */
  readonly text: string;
  /** Golden answers, at least one: any of them is right. */
  readonly answers: readonly string[];
  /** The benchmark it comes from, such as `nq`: scores are reported per source. */
  readonly source: string;
  /** Whatever else the row held. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

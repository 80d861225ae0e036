/**
 * Searches that were made for questions, as JSON lines: what simulators are tuned and audited on (§2.4). The lines of a
 * rollout stand together, in order, so that what it had been shown before a search can be told.
 */
import { z } from "zod";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { readDataRows } from "../data/data-rows.ts";
import type { Document } from "../search/search-engine.ts";

/** What is kept of a document. */
export type PageDocument = Pick<Document, "title" | "text">;

/** One search that succeeded. */
export interface CollectedSearch {
  readonly questionId: string;
  readonly question: string;
  readonly answers: readonly string[];
  /** The question's, such as `nq`. */
  readonly source: string;
  readonly query: string;
  /** The page; empty if nothing was found. */
  readonly documents: readonly PageDocument[];
  /** Name and identity of what was searched. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** Which of the question's rollouts. */
  readonly sample: number;
  /** Counts the rollout's searches from 0. */
  readonly turn: number;
}

export const pageDocumentsSchema: z.ZodType<readonly PageDocument[]> = z.array(
  z.object({ title: z.string().optional(), text: z.string() }).transform(pageDocument),
);

export const collectedSearchSchema: z.ZodType<CollectedSearch> = z.object({
  questionId: z.string(),
  question: z.string(),
  answers: z.array(z.string()).min(1),
  source: z.string().default(""),
  query: z.string().min(1),
  documents: pageDocumentsSchema,
  engine: z.record(z.string(), z.unknown()).default({}),
  sample: z.int().min(0).default(0),
  turn: z.int().min(0).default(0),
});

/** The text and, if there is one, the title. */
export function pageDocument({
  title,
  text,
}: {
  readonly title?: string | undefined;
  readonly text: string;
}): PageDocument {
  return title === undefined ? { text } : { title, text };
}

export function questionOf({ questionId, question, answers, source }: CollectedSearch): Question {
  return { id: questionId, text: question, answers, source };
}

/** A search, and the documents that its rollout had been shown before it. */
export interface SearchInPlace<Search extends CollectedSearch> {
  readonly search: Search;
  readonly shown: readonly PageDocument[];
}

/**
 * The searches of files, in order. Lines with an `event` other than `search` are about something else.
 *
 * @param schema  for lines that say more
 * @throws {DataError} a file can't be read, holds no search, or a line is none; named by its place
 */
export async function* readSearches<Search extends CollectedSearch>(
  paths: readonly string[],
  schema: z.ZodType<Search>,
): AsyncGenerator<SearchInPlace<Search>> {
  for (const path of paths) {
    let previous: Search | undefined;
    let shown: readonly PageDocument[] = [];
    for await (const search of linesOf(path, schema)) {
      shown = previous && isNextOf(previous, search) ? [...shown, ...previous.documents] : [];
      previous = search;
      yield { search, shown };
    }
    if (previous === undefined) throw new DataError(`${path} holds no search: collect some first.`);
  }
}

async function* linesOf<Search>(path: string, schema: z.ZodType<Search>): AsyncGenerator<Search> {
  for await (const row of readDataRows(path)) {
    if ("problem" in row) throw new DataError(`${path}, ${row.place}: ${row.problem}`);
    const { event = "search" } = row.value as { event?: unknown };
    if (event !== "search") continue;
    const parsed = schema.safeParse(row.value);
    if (!parsed.success) {
      throw new DataError(`${path}, ${row.place}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
    }
    yield parsed.data;
  }
}

function isNextOf(previous: CollectedSearch, search: CollectedSearch): boolean {
  const isSameRollout = previous.questionId === search.questionId && previous.sample === search.sample;
  return isSameRollout && search.turn > previous.turn;
}

/** Questions from files. Every row is a question or is named as none: nothing is dropped silently. */
import { basename, dirname, extname, resolve } from "node:path";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { readDataRows } from "./data-rows.ts";
import { parseQuestionRow } from "./question-row.ts";

export interface LoadQuestionsOptions {
  /** For rows that name no source. Default: the file's name without its ending, or its folder's, as in `nq/test.jsonl`. */
  readonly source?: string;
  /** Leaves rows out that are no questions, or whose id is taken, and lists them. Default false: they are an error. */
  readonly skipInvalid?: boolean;
}

/** A row that is no question. */
export interface SkippedRow {
  readonly path: string;
  /** Such as `line 12`. */
  readonly place: string;
  readonly problem: string;
}

export interface LoadedQuestions {
  /** In the order of files and rows; ids are unique. */
  readonly questions: readonly Question[];
  /** Empty unless `skipInvalid`. */
  readonly skipped: readonly SkippedRow[];
}

/** The policy's prompt, ready made: half of a ZeroSearch file's bytes, and made anew from the question here. */
const UNUSED_COLUMNS: ReadonlySet<string> = new Set(["prompt"]);

/** Bad rows that a message lists; the others are counted. */
const MOST_LISTED = 10;

/**
 * Reads one file or several: `.parquet`, `.jsonl`, `.json` or `.csv`, in any of the forms of `question-row.ts`.
 *
 * @throws {DataError} a file can't be read or holds no question; without `skipInvalid`, a row is none or has the id of
 *   another
 */
export async function loadQuestions(
  paths: string | readonly string[],
  { source, skipInvalid = false }: LoadQuestionsOptions = {},
): Promise<LoadedQuestions> {
  const { questions, skipped } = await scanQuestions(paths, source);
  if (skipped.length > 0 && !skipInvalid) throw new DataError(complaint(skipped));
  if (questions.length === 0) throw new DataError(`no questions: ${complaint(skipped)}`);
  return { questions, skipped };
}

/** As {@link loadQuestions} with `skipInvalid`, but there may be no question at all. */
export async function scanQuestions(
  paths: string | readonly string[],
  source: string | undefined,
): Promise<LoadedQuestions> {
  const questions: Question[] = [];
  const skipped: SkippedRow[] = [];
  const placeOfId = new Map<string, string>();
  for (const path of typeof paths === "string" ? [paths] : paths) {
    const before = questions.length + skipped.length;
    const fileSource = source ?? sourceOf(path);
    let index = 0;
    for await (const row of readDataRows(path, { skipColumns: UNUSED_COLUMNS })) {
      const parsed = "problem" in row ? row : parseQuestionRow(row.value, { source: fileSource, index });
      index++;
      const taken = "id" in parsed ? placeOfId.get(parsed.id) : undefined;
      if ("problem" in parsed) {
        skipped.push({ path, place: row.place, problem: parsed.problem });
      } else if (taken !== undefined) {
        skipped.push({
          path,
          place: row.place,
          problem: `id ${JSON.stringify(parsed.id)} is that of ${taken} already`,
        });
      } else {
        placeOfId.set(parsed.id, `${path}, ${row.place}`);
        questions.push(parsed);
      }
    }
    if (questions.length + skipped.length === before) throw new DataError(`${path}: holds no rows`);
  }
  return { questions, skipped };
}

/** The folder's name where the file's says no more than which split it is. */
function sourceOf(path: string): string {
  const name = basename(path, extname(path));
  const folder = basename(dirname(resolve(path)));
  return SPLITS.has(name) && folder !== "" ? folder : name;
}

const SPLITS: ReadonlySet<string> = new Set(["train", "dev", "validation", "test"]);

function complaint(rows: readonly SkippedRow[]): string {
  if (rows.length === 0) return "no file was named";
  const lines = rows.slice(0, MOST_LISTED).map(({ path, place, problem }) => `  ${path}, ${place}: ${problem}`);
  const more = rows.length > MOST_LISTED ? [`  … and ${rows.length - MOST_LISTED} more`] : [];
  const head = `${rows.length} ${rows.length === 1 ? "row is no question" : "rows are no questions"}`;
  return [`${head}. Mend them, or skip invalid rows:`, ...lines, ...more].join("\n");
}

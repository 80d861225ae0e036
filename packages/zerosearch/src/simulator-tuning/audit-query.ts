/** What a simulator is asked to find out how faithful it is: queries that policies make, sensible or not, by their kind. */
import { z } from "zod";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { readDataRows } from "../data/data-rows.ts";
import { type PageDocument, pageDocumentsSchema } from "./collected-search.ts";

export interface AuditQuery {
  /** What is right or wrong with it, such as `question`: results are told apart by it. */
  readonly kind: string;
  readonly question: Question;
  readonly query: string;
  /** What its rollout would have been shown before. */
  readonly shown: readonly PageDocument[];
  /** The real engine's page, where it is known. */
  readonly documents?: readonly PageDocument[];
}

const lineSchema = z
  .object({
    kind: z.string().min(1),
    questionId: z.string().optional(),
    question: z.string().min(1),
    answers: z.array(z.string()).min(1),
    query: z.string().trim().min(1),
    shown: pageDocumentsSchema.default([]),
    documents: pageDocumentsSchema.optional(),
  })
  .transform(({ kind, questionId, question, answers, query, shown, documents }): AuditQuery => {
    const asked = { id: questionId ?? question, text: question, answers, source: "" };
    return { kind, question: asked, query, shown, ...(documents && { documents }) };
  });

/**
 * The lines of query sets: `{"kind", "question", "answers", "query"}` and, if wanted, `questionId`, `shown` (documents
 * shown before) and `documents` (the real engine's page).
 *
 * @throws {DataError} a file can't be read, or a line is no query; named by its place
 */
export async function readQuerySets(paths: readonly string[]): Promise<AuditQuery[]> {
  const queries: AuditQuery[] = [];
  for (const path of paths) {
    for await (const row of readDataRows(path)) {
      if ("problem" in row) throw new DataError(`${path}, ${row.place}: ${row.problem}`);
      const parsed = lineSchema.safeParse(row.value);
      if (!parsed.success) {
        throw new DataError(`${path}, ${row.place}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
      }
      queries.push(parsed.data);
    }
  }
  return queries;
}

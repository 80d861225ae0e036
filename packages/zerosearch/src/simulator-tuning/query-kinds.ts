/**
 * Kinds of queries that can be made of any questions, whatever they are about. What a simulator must not do is seen in the
 * bad ones: a real engine does not answer a question that was not asked.
 */
import { keyedShuffle, keyedUniform } from "../core/keyed-random.ts";
import { normalizeAnswer } from "../core/normalize-answer.ts";
import type { Question } from "../core/question.ts";
import { contentWords } from "../search/simulator/content-words.ts";
import { entityWords } from "../search/simulator/gate.ts";
import type { AuditQuery } from "./audit-query.ts";
import { type CollectedSearch, questionOf, type SearchInPlace } from "./collected-search.ts";

/** The kind of those that a policy asked. */
export const COLLECTED = "collected";

export interface QueryMaterial {
  readonly questions: readonly Question[];
  /** What policies asked. */
  readonly searches: readonly SearchInPlace<CollectedSearch>[];
}

/**
 * At most so many of each kind, drawn at random:
 *
 * - `question`: the question itself, without its question mark, as people and policies search for it.
 * - `collected`: what a policy asked, with the page that the real engine gave it.
 * - `another question's`: a query that was made for another question, with other answers.
 * - `without its entities`: a query from which the words that name the question's entities were taken.
 *
 * The last two are made of collected queries, or of questions where there are none.
 */
export function makeAuditQueries(
  { questions, searches }: QueryMaterial,
  { perKind, seed }: { readonly perKind: number; readonly seed: number },
): AuditQuery[] {
  const collected = distinct(searches.map(queryOf));
  const asked = distinct([...questions, ...searches.map(({ search }) => questionOf(search))].map(asQuery));
  const made = collected.length > 0 ? collected : asked;
  const others = made.map(({ question, shown }, at): AuditQuery | undefined => {
    const query = queryOfAnother(question, made, [seed, "another question", at]);
    return query === undefined ? undefined : { kind: "another question's", question, shown, query };
  });
  const nameless = made.map(({ question, shown, query }): AuditQuery | undefined => {
    const rest = withoutEntities(query, question);
    return rest === "" || rest === query ? undefined : { kind: "without its entities", question, shown, query: rest };
  });
  return [asked, collected, others, nameless].flatMap((queries, kind) =>
    keyedShuffle(distinct(queries), [seed, "audit queries", kind]).slice(0, perKind),
  );
}

function queryOf({ search, shown }: SearchInPlace<CollectedSearch>): AuditQuery {
  return { kind: COLLECTED, question: questionOf(search), query: search.query, shown, documents: search.documents };
}

function asQuery(question: Question): AuditQuery {
  return { kind: "question", question, query: question.text.replace(/[\s?？]+$/u, ""), shown: [] };
}

/** The first of those with the same question and query. */
function distinct(queries: readonly (AuditQuery | undefined)[]): AuditQuery[] {
  const byName = new Map<string, AuditQuery>();
  for (const each of queries) {
    if (!each) continue;
    const name = JSON.stringify([each.question.id, each.query]);
    if (!byName.has(name)) byName.set(name, each);
  }
  return [...byName.values()];
}

/** From a random place on, the first that is another's. */
function queryOfAnother(
  { id, answers }: Question,
  queries: readonly AuditQuery[],
  key: readonly (string | number)[],
): string | undefined {
  const own = new Set(answers.map(normalizeAnswer));
  const start = Math.floor(keyedUniform(key) * queries.length);
  const turned = [...queries.slice(start), ...queries.slice(0, start)];
  const other = turned.find(
    ({ question }) => question.id !== id && !question.answers.some((answer) => own.has(normalizeAnswer(answer))),
  );
  return other?.query;
}

function withoutEntities(query: string, question: Question): string {
  const named = entityWords(question.text);
  const kept = query.split(/\s+/u).filter((word) => !contentWords(word).some(({ key }) => named.has(key)));
  return kept.join(" ").trim();
}

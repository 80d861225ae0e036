/**
 * Whether a query may deserve the truth, from nothing but texts: what was asked, what has been shown, what is sought now.
 * A question of one hop is answered by a query that names its entity. For two hops the truth is one document further:
 * the query must name what a shown document says the first hop leads to, as "Fezo wrote the book Lema." does when the
 * question is where the author of Lema was born. To any other query a real engine would not give the answer either.
 */
import type { Gate } from "@zerosearch/zerosearch";
import { namesIn } from "./world/names.ts";
import { COMPOSITIONS, RELATIONS, type RelationName } from "./world/relations.ts";

export const miniatureGate: Gate = function miniatureGate({ question, query, shown }) {
  const [subject] = namesIn(question.text);
  if (subject === undefined) return false;
  const relation = firstHop(question.text, subject);
  const deserving = relation === undefined ? [subject] : shown.flatMap(({ text }) => objectIn(text, relation, subject));
  return namesIn(query).some((name) => deserving.includes(name));
};

/** The relation that a question of two hops must look up first; undefined for one hop. */
function firstHop(question: string, subject: string): RelationName | undefined {
  const template = question.replace(subject, "{s}");
  return COMPOSITIONS.find(({ questions }) => questions.includes(template))?.relations[0];
}

/** What a document says stands in a relation to the subject, if it says so. */
function objectIn(text: string, relation: RelationName, subject: string): string[] {
  return namesIn(text).filter((name) => {
    const template = text.replace(subject, "{s}").replace(name, "{o}");
    return name !== subject && RELATIONS[relation].statements.includes(template);
  });
}

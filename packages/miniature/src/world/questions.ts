/** Everything that can be asked about a world: each fact, and each pair of facts of which one leads to the other. */
import type { Question } from "@zerosearch/zerosearch";
import { COMPOSITIONS, fill, RELATION_NAMES, RELATIONS, type RelationName } from "./relations.ts";
import type { World } from "./world.ts";

/** A question and how it comes to be answered. */
export interface WorldQuestion {
  readonly id: string;
  readonly text: string;
  readonly answer: string;
  /** One or two, in the order in which they must be looked up. */
  readonly relations: readonly [RelationName] | readonly [RelationName, RelationName];
  readonly subject: string;
  /** The entity on the way: first hop's answer, second hop's subject. Undefined for questions of one hop. */
  readonly bridge: string | undefined;
}

/** @param prefix  of the questions' ids */
export function askQuestions(world: World, prefix: string): WorldQuestion[] {
  const questions: Omit<WorldQuestion, "id">[] = [];
  for (const relation of RELATION_NAMES) {
    for (const subject of world.entities[RELATIONS[relation].subject]) {
      const answer = world.objectOf(relation, subject);
      for (const template of RELATIONS[relation].questions) {
        const text = fill(template, { s: subject });
        questions.push({ text, answer, relations: [relation], subject, bridge: undefined });
      }
    }
  }
  for (const { relations, questions: templates } of COMPOSITIONS) {
    for (const subject of world.entities[RELATIONS[relations[0]].subject]) {
      const bridge = world.objectOf(relations[0], subject);
      const answer = world.objectOf(relations[1], bridge);
      for (const template of templates) {
        questions.push({ text: fill(template, { s: subject }), answer, relations, subject, bridge });
      }
    }
  }
  return questions.map((question, index) => ({ id: `${prefix}-${index}`, ...question }));
}

/** The source by which scores are reported. */
export function sourceOf({ relations }: WorldQuestion): "one-hop" | "two-hop" {
  return relations.length === 1 ? "one-hop" : "two-hop";
}

/** As rows of a data set have it. */
export function toQuestion(question: WorldQuestion): Question {
  const { id, text, answer, relations, subject, bridge } = question;
  return {
    id,
    text,
    answers: [answer],
    source: sourceOf(question),
    metadata: { relations, subject, ...(bridge === undefined ? {} : { bridge }) },
  };
}

/**
 * What the base models read: a few facts, then the same facts again, or questions about them. Whatever comes the second
 * time can be told from the first, so the texts teach to look back.
 */
import { agentPrompt } from "@zerosearch/zerosearch";
import { AGENT_PROMPT } from "../recipe.ts";
import type { RandomStream } from "../world/random-stream.ts";
import {
  DISTRACTORS,
  type EntityType,
  fill,
  RELATION_NAMES,
  RELATIONS,
  type RelationName,
} from "../world/relations.ts";
import type { TextPart } from "./name-pattern.ts";

/** Facts per text, from and to. */
const FACT_COUNT = [2, 5] as const;

/** How often, on average, a fact is said again or asked for. */
const REPETITIONS = 2;

interface SmallFact {
  readonly relation: RelationName;
  readonly subject: string;
  readonly object: string;
}

/** @param names  to choose from */
export function baseText(names: readonly string[], random: RandomStream): TextPart[] {
  const facts = fewFacts(names, random);
  const sentences = facts.map((fact) => state(fact, random));
  const [someone] = facts;
  if (someone && random.chance(0.3)) {
    const type = RELATIONS[someone.relation].subject;
    sentences.push(fill(random.pick(DISTRACTORS[type]), { s: someone.subject }));
  }
  const shuffled = random.shuffle(sentences);
  const isNumbered = random.chance(0.5);
  const told = isNumbered
    ? `${shuffled.map((sentence, i) => `Doc ${(i % 5) + 1}: ${sentence}`).join("\n")}\n`
    : shuffled.map((sentence) => ` ${sentence}`).join("");
  const again = Array.from({ length: REPETITIONS * facts.length }, () => repeat(random.pick(facts), random));
  return [told, ...again].map((text) => ({ text, weight: 1 }));
}

function repeat(fact: SmallFact, random: RandomStream): string {
  if (random.chance(0.4)) return ` ${state(fact, random)}`;
  const { questions, queries } = RELATIONS[fact.relation];
  const question = agentPrompt(fill(random.pick(questions), { s: fact.subject }), AGENT_PROMPT);
  const search = random.chance(1 / 3) ? ` <search> ${fill(random.pick(queries), { s: fact.subject })} </search>` : "";
  return `${question}${search} <answer> ${fact.object} </answer>`;
}

function state({ relation, subject, object }: SmallFact, random: RandomStream): string {
  return fill(random.pick(RELATIONS[relation].statements), { s: subject, o: object });
}

/** Facts about few entities, so that they hang together: an old entity is taken again as often as a new one. */
function fewFacts(names: readonly string[], random: RandomStream): SmallFact[] {
  const known: { readonly name: string; readonly type: EntityType }[] = [];
  const entity = (type: EntityType, reuse: number): string => {
    const candidates = known.filter((each) => each.type === type);
    if (candidates.length > 0 && random.chance(reuse)) return random.pick(candidates).name;
    let name = random.pick(names);
    while (known.some((each) => each.name === name)) name = random.pick(names);
    known.push({ name, type });
    return name;
  };
  const [least, most] = FACT_COUNT;
  const count = least + random.below(most - least + 1);
  const facts: SmallFact[] = [];
  while (facts.length < count) {
    const relation = random.pick(RELATION_NAMES);
    const subject = entity(RELATIONS[relation].subject, 0.6);
    if (facts.some((fact) => fact.relation === relation && fact.subject === subject)) continue;
    facts.push({ relation, subject, object: entity(RELATIONS[relation].object, 0.4) });
  }
  return facts;
}

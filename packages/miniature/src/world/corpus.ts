/** A world written down: every fact in one or two sentences, most entities in one more that answers nothing. */
import type { Passage } from "@zerosearch/zerosearch";
import { RandomStream } from "./random-stream.ts";
import { DISTRACTORS, ENTITY_TYPES, fill, RELATIONS } from "./relations.ts";
import type { World } from "./world.ts";

/** How many entities get a distractor. */
const DISTRACTOR_SHARE = 0.8;

/** @param prefix  of the passages' ids, which also seeds the choice of sentences */
export function writeCorpus(world: World, prefix: string): Passage[] {
  const random = new RandomStream(["miniature", "corpus", prefix]);
  const texts = world.facts.flatMap(({ relation, subject, object }) => {
    const statements = random.shuffle(RELATIONS[relation].statements).slice(0, 1 + random.below(2));
    return statements.map((statement) => fill(statement, { s: subject, o: object }));
  });
  for (const type of ENTITY_TYPES) {
    for (const name of world.entities[type]) {
      if (random.chance(DISTRACTOR_SHARE)) texts.push(fill(random.pick(DISTRACTORS[type]), { s: name }));
    }
  }
  return random.shuffle(texts).map((text, index) => ({ id: `${prefix}-${index}`, text }));
}

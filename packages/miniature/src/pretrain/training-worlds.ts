/** Worlds to make training texts from: other facts each, the training names, their corpus in the engine users have. */
import { FtsIndex, type Passage } from "@zerosearch/zerosearch";
import { writeCorpus } from "../world/corpus.ts";
import { askQuestions, sourceOf, type WorldQuestion } from "../world/questions.ts";
import type { RandomStream } from "../world/random-stream.ts";
import { ENTITY_COUNTS, namesOf } from "../world/splits.ts";
import { World } from "../world/world.ts";
import type { SearchedCorpus } from "./search-results.ts";

export interface TrainingWorld extends SearchedCorpus {
  readonly world: World;
  readonly oneHop: readonly WorldQuestion[];
  readonly twoHop: readonly WorldQuestion[];
}

/** @param seed  unlike any split's, so that nothing of the training split's facts is known beforehand */
export async function trainingWorld(seed: string): Promise<TrainingWorld> {
  const world = new World(seed, ENTITY_COUNTS.train, namesOf("train"));
  const passages: readonly Passage[] = writeCorpus(world, seed);
  const questions = askQuestions(world, seed);
  return {
    world,
    passages,
    engine: await FtsIndex.build(passages),
    oneHop: questions.filter((question) => sourceOf(question) === "one-hop"),
    twoHop: questions.filter((question) => sourceOf(question) === "two-hop"),
  };
}

/** A question of two hops with the given probability, else of one. */
export function anyQuestion(
  { oneHop, twoHop }: TrainingWorld,
  twoHopShare: number,
  random: RandomStream,
): WorldQuestion {
  return random.pick(random.chance(twoHopShare) ? twoHop : oneHop);
}

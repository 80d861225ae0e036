/**
 * The world in three parts that share no entity: one to train on, one to decide on while developing, one to report on.
 * What a policy has learned about names in training can't help it in the other two.
 */

import type { Passage } from "@zerosearch/zerosearch";
import { writeCorpus } from "./corpus.ts";
import { allNames } from "./names.ts";
import { askQuestions, sourceOf, type WorldQuestion } from "./questions.ts";
import { RandomStream } from "./random-stream.ts";
import { type EntityCounts, World } from "./world.ts";

export const SPLITS = ["train", "development", "test"] as const;

export type Split = (typeof SPLITS)[number];

/** Names 0–699 are for training, the next 195 for development, the last 330 for the test. */
const NAME_RANGES: Readonly<Record<Split, readonly [number, number]>> = {
  train: [0, 700],
  development: [700, 895],
  test: [895, 1225],
};

export const ENTITY_COUNTS: Readonly<Record<Split, EntityCounts>> = {
  train: { person: 300, city: 80, country: 20, company: 100, book: 150 },
  development: { person: 80, city: 30, country: 12, company: 28, book: 45 },
  test: { person: 150, city: 40, country: 15, company: 50, book: 75 },
};

/** Questions of each kind that are kept for evaluation: with 150 the standard error of a share is at most .04. */
const EVALUATION_QUESTIONS = 150;

/** The names that a split's entities are drawn from. */
export function namesOf(split: Split): string[] {
  return allNames().slice(...NAME_RANGES[split]);
}

/** One part of the world. */
export interface WorldPart {
  readonly split: Split;
  readonly world: World;
  readonly passages: readonly Passage[];
  /** All there are to train on; of the other splits 150 of one hop and 150 of two. */
  readonly questions: readonly WorldQuestion[];
}

export function makePart(split: Split): WorldPart {
  const world = new World(split, ENTITY_COUNTS[split], namesOf(split));
  const questions = askQuestions(world, split);
  return {
    split,
    world,
    passages: writeCorpus(world, split),
    questions: split === "train" ? questions : sample(questions, split),
  };
}

/** The three parts. One corpus holds all their passages: it is what the real engine searches. */
export function makeParts(): Readonly<Record<Split, WorldPart>> {
  return { train: makePart("train"), development: makePart("development"), test: makePart("test") };
}

function sample(questions: readonly WorldQuestion[], split: Split): WorldQuestion[] {
  const shuffled = new RandomStream(["miniature", "questions", split]).shuffle(questions);
  return (["one-hop", "two-hop"] as const).flatMap((source) =>
    shuffled.filter((question) => sourceOf(question) === source).slice(0, EVALUATION_QUESTIONS),
  );
}

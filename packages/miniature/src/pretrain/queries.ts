/**
 * The queries that policies make, sensible or not. A simulator must have seen what the real engine returns for each
 * kind; a simulator trained on sensible queries only tells the truth to whoever asks anything, and a policy finds out.
 */
import { namesIn } from "../world/names.ts";
import type { WorldQuestion } from "../world/questions.ts";
import type { RandomStream } from "../world/random-stream.ts";
import { fill, RELATION_NAMES, RELATIONS, type RelationName } from "../world/relations.ts";
import type { World } from "../world/world.ts";

/** What a query asks for, and what is the matter with it. */
export type QueryKind =
  /** Asks for the first relation of the question's subject. */
  | "first-hop"
  /** Asks for the second relation of the bridge. */
  | "second-hop"
  /** Asks for the second relation of the question's subject. */
  | "skipped-hop"
  | "question"
  /** Another relation of the subject, or of the bridge. */
  | "wrong-relation"
  | "wrong-relation-of-bridge"
  /** Words of a sensible query missing, exchanged or added. */
  | "mangled"
  /** Another entity altogether, or one whose name is half the subject's. */
  | "wrong-entity"
  | "near-miss"
  | "garbage";

/** How often each kind is made of a question of one hop: shares of what policies were seen to ask. */
export const ONE_HOP_QUERIES: Readonly<Partial<Record<QueryKind, number>>> = {
  "first-hop": 0.45,
  question: 0.1,
  "wrong-relation": 0.12,
  mangled: 0.08,
  "near-miss": 0.1,
  "wrong-entity": 0.1,
  garbage: 0.05,
};

/** The same for two hops. */
export const TWO_HOP_QUERIES: Readonly<Partial<Record<QueryKind, number>>> = {
  "first-hop": 0.28,
  "second-hop": 0.28,
  "skipped-hop": 0.1,
  "near-miss": 0.08,
  "wrong-relation": 0.05,
  "wrong-relation-of-bridge": 0.06,
  question: 0.08,
  garbage: 0.04,
  mangled: 0.03,
};

/** A query and which name in it stands in for another. */
export interface KindOfQuery {
  readonly query: string;
  /** The entity that a near miss is to resemble the subject with. */
  readonly nearMiss?: string;
}

/** A sensible query for a relation. */
export function askFor(relation: RelationName, subject: string, random: RandomStream): string {
  return fill(random.pick(RELATIONS[relation].queries), { s: subject });
}

/** @param world  the question's */
export function makeQuery(kind: QueryKind, question: WorldQuestion, world: World, random: RandomStream): KindOfQuery {
  const { relations, subject, bridge = subject } = question;
  const [first, last] = [relations[0], relations[1] ?? relations[0]];
  switch (kind) {
    case "first-hop":
      return { query: askFor(first, subject, random) };
    case "second-hop":
      return { query: askFor(last, bridge, random) };
    case "skipped-hop":
      return { query: askFor(last, subject, random) };
    case "question":
      return { query: question.text.replace(/\?$/, "") };
    case "wrong-relation":
      return { query: askFor(otherThan(relations, random), subject, random) };
    case "wrong-relation-of-bridge":
      return { query: askFor(otherThan([last], random), bridge, random) };
    case "mangled":
      return { query: mangle(mangleable(question, random), random) };
    case "wrong-entity":
      return { query: askFor(first, stranger(world.entities[world.typeOf(subject)], question, random), random) };
    case "near-miss": {
      const relation = random.pick<RelationName>(relations);
      const type = random.chance(0.5) ? world.typeOf(subject) : RELATIONS[relation].subject;
      const nearMiss = stranger(world.entities[type], question, random);
      return { query: askFor(relation, nearMiss, random), nearMiss };
    }
    case "garbage":
      return { query: garbage(question, random) };
    default:
      return kind satisfies never;
  }
}

function otherThan(relations: readonly RelationName[], random: RandomStream): RelationName {
  return random.pick(RELATION_NAMES.filter((name) => !relations.includes(name)));
}

/** An entity that the question has nothing to do with. */
function stranger(
  entities: readonly string[],
  { subject, bridge, answer }: WorldQuestion,
  random: RandomStream,
): string {
  let name = random.pick(entities);
  while (name === subject || name === bridge || name === answer) name = random.pick(entities);
  return name;
}

/** A sensible query of either hop; of the second, sometimes asked of the subject. */
function mangleable({ relations, subject, bridge }: WorldQuestion, random: RandomStream): string {
  const [first, second] = relations;
  if (second === undefined || bridge === undefined || random.chance(0.5)) return askFor(first, subject, random);
  return askFor(second, random.chance(0.3) ? subject : bridge, random);
}

/** All words of all queries. */
const WORDS: readonly string[] = [
  ...new Set(
    RELATION_NAMES.flatMap((name) => RELATIONS[name].queries.flatMap((query) => query.split(" "))).filter(
      (word) => word !== "{s}",
    ),
  ),
];

function mangle(query: string, random: RandomStream): string {
  const words = query.split(" ");
  const at = random.below(words.length);
  const way = random.pickByShare({ drop: 0.35, add: 0.25, swap: 0.2, replace: 0.2 });
  if (way === "drop" && words.length > 1) words.splice(at, 1);
  else if (way === "add") words.splice(at, 0, random.pick(WORDS));
  else if (way === "swap" && at > 0) words.splice(at - 1, 2, words[at] ?? "", words[at - 1] ?? "");
  else words[at] = random.pick(WORDS);
  return words.join(" ");
}

function garbage({ relations, subject }: WorldQuestion, random: RandomStream): string {
  const nameless = (relation: RelationName): string => askFor(relation, "", random).replace(/ +/g, " ").trim();
  switch (random.pickByShare({ relation: 0.35, words: 0.25, name: 0.2, "last relation": 0.2 })) {
    case "relation":
      return nameless(random.pick(RELATION_NAMES));
    case "words":
      return Array.from({ length: 1 + random.below(6) }, () => random.pick(WORDS)).join(" ");
    case "name":
      return subject;
    case "last relation":
      return nameless(relations[1] ?? relations[0]);
  }
}

/** Whether a query names an entity. */
export function mentions(query: string, entity: string | undefined): boolean {
  return entity !== undefined && namesIn(query).includes(entity);
}

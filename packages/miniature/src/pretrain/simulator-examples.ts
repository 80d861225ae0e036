/**
 * What the simulator learns: for a query that a policy might make, the page that the real engine returns (label useful)
 * or its hits that lead nowhere (label noisy). The truth stands in the prompt only where the query may deserve it;
 * elsewhere it is withheld, as the gate does in rollouts, so that a simulator can't tell what it should not.
 */
import { SIMULATOR_PROMPTS } from "../recipe.ts";
import { sourceOf, type WorldQuestion } from "../world/questions.ts";
import type { RandomStream } from "../world/random-stream.ts";
import type { World } from "../world/world.ts";
import { type NamePattern, type NamePatterns, placesOf } from "./name-pattern.ts";
import { makeQuery, mentions, ONE_HOP_QUERIES, type QueryKind, TWO_HOP_QUERIES } from "./queries.ts";
import { formatPage, type SearchedCorpus, searchResults } from "./search-results.ts";

const USEFUL_SHARE = 0.6;

/** Queries that don't deserve the truth, to which it is told all the same: what is told must not be all that counts. */
const TOLD_ANYWAY = 0.1;

/** Names of the prompt must be copied; which other names come is chance, and not worth learning. */
const WEIGHT_OF_GIVEN_NAME = 3;
const WEIGHT_OF_OTHER_NAME = 0.5;

export interface SimulatorSource extends SearchedCorpus {
  readonly world: World;
  readonly patterns: NamePatterns;
}

export async function simulatorExample(
  source: SimulatorSource,
  question: WorldQuestion,
  random: RandomStream,
): Promise<NamePattern> {
  const kind = random.pickByShare(sourceOf(question) === "one-hop" ? ONE_HOP_QUERIES : TWO_HOP_QUERIES);
  const { query, nearMiss } = makeQuery(kind, question, source.world, random);
  const isTold = mayDeserve(kind, question, query) || random.chance(TOLD_ANYWAY);
  const isSecondHop = kind === "second-hop" || kind === "wrong-relation-of-bridge";
  const sought = isSecondHop ? question.answer : (question.bridge ?? question.answer);
  const { real, noisy } = await searchResults(source, query, [sought, question.answer], random);
  const isUseful = random.chance(USEFUL_SHARE);
  const prompt = simulatorPrompt(question, query, { isUseful, isTold });
  const page = formatPage(isUseful ? real : noisy);
  const pattern = source.patterns.read([
    { text: prompt, weight: 0 },
    { text: page, weight: 1 },
  ]);
  const near = nearMiss === undefined ? pattern : resemble(pattern, nearMiss, question.subject, random.below(2));
  const isSure = kind === "first-hop" || kind === "second-hop";
  return weighNames(near, isUseful && isTold && !isSure ? 1 : WEIGHT_OF_OTHER_NAME);
}

/** As the product's prompts, but that the label of a withheld truth is learned as well. */
function simulatorPrompt(
  { text, answer }: WorldQuestion,
  query: string,
  { isUseful, isTold }: { readonly isUseful: boolean; readonly isTold: boolean },
): string {
  return SIMULATOR_PROMPTS[isUseful ? "useful" : "noisy"]
    .replace("{question}", text)
    .replace("{answer}", isTold ? answer : "?")
    .replace("{query}", query);
}

function mayDeserve(kind: QueryKind, { relations, bridge }: WorldQuestion, query: string): boolean {
  switch (kind) {
    case "second-hop":
    case "wrong-relation-of-bridge":
      return true;
    case "first-hop":
    case "question":
    case "wrong-relation":
      return relations.length === 1;
    case "mangled":
      return relations.length === 1 || mentions(query, bridge);
    default:
      return false;
  }
}

/** Gives one name one syllable of another, wherever it stands. */
function resemble(pattern: NamePattern, name: string, model: string, syllable: number): NamePattern {
  const from = placesOf(pattern.names.indexOf(name))[syllable];
  const to = placesOf(pattern.names.indexOf(model))[syllable] ?? 0;
  return { ...pattern, tokens: pattern.tokens.map((token) => (token === from ? to : token)) };
}

function weighNames(pattern: NamePattern, weightOfOthers: number): NamePattern {
  const { tokens, weights } = pattern;
  const given = new Set(tokens.filter((token, i) => token < 0 && weights[i] === 0));
  return {
    ...pattern,
    weights: weights.map((weight, i) => {
      const token = tokens[i] ?? 0;
      if (weight === 0 || token >= 0) return weight;
      return given.has(token) ? WEIGHT_OF_GIVEN_NAME : weightOfOthers;
    }),
  };
}

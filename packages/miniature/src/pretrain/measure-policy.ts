/** How well a policy answers with the real engine, on the development split: what a cold start is decided by. */
import { Engine, loadDecoder, loadTokenizer } from "@zerosearch/lm";
import {
  encodePrompt,
  enginePolicy,
  FtsIndex,
  isExactMatch,
  type Question,
  rolloutGroups,
  searchEngineOf,
  searchesOf,
  type Trajectory,
} from "@zerosearch/zerosearch";
import { AGENT_PROMPT, ROLLOUT_LIMITS } from "../recipe.ts";
import { toQuestion } from "../world/questions.ts";
import { makeParts, SPLITS } from "../world/splits.ts";

/** Means over questions. */
export interface PolicyMeasure {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Share of exact matches, of all questions and by hops. */
  readonly exactMatch: number;
  readonly oneHop: number;
  readonly twoHop: number;
  readonly searches: number;
}

/**
 * @param folder  a model folder
 * @param count   questions of each kind
 */
export async function measurePolicy(folder: string, count = 150): Promise<PolicyMeasure[]> {
  const tokenizer = loadTokenizer(folder);
  using decoder = loadDecoder(folder);
  using engine = new Engine(decoder, { tokenizer, numerics: "fast" });
  const parts = makeParts();
  const search = searchEngineOf(await FtsIndex.build(SPLITS.flatMap((split) => parts[split].passages)));
  const all = parts.development.questions.map(toQuestion);
  const questions = ["one-hop", "two-hop"].flatMap((kind) =>
    all.filter(({ source }) => source === kind).slice(0, count),
  );
  const measures: PolicyMeasure[] = [];
  for (const temperature of [0, 1]) {
    const trajectories = await rolloutGroups(questions, {
      policy: enginePolicy(engine),
      search,
      tokenizer,
      encodePrompt: ({ text }: Question) => encodePrompt(tokenizer, text, { template: AGENT_PROMPT }),
      seed: 0,
      step: 0,
      noise: 0,
      sampling: { temperature },
      stopIds: tokenizer.eosId === undefined ? [] : [tokenizer.eosId],
      limits: ROLLOUT_LIMITS,
      groupSize: 1,
    });
    measures.push({ temperature, ...summary(trajectories) });
  }
  await search.close?.();
  return measures;
}

/** The measures as lines to print. */
export function policyLines(measures: readonly PolicyMeasure[]): string[] {
  return measures.map(
    ({ temperature, exactMatch, oneHop, twoHop, searches }) =>
      `temperature ${temperature}: exact match ${exactMatch.toFixed(3)} (one hop ${oneHop.toFixed(2)}, two hops ` +
      `${twoHop.toFixed(2)}), ${searches.toFixed(2)} searches per question`,
  );
}

function summary(trajectories: readonly Trajectory[]): Omit<PolicyMeasure, "temperature"> {
  const isRight = ({ answer, question }: Trajectory): number =>
    answer !== null && isExactMatch(answer, question.answers) ? 1 : 0;
  const ofSource = (source: string): Trajectory[] => trajectories.filter(({ question }) => question.source === source);
  return {
    exactMatch: mean(trajectories.map(isRight)),
    oneHop: mean(ofSource("one-hop").map(isRight)),
    twoHop: mean(ofSource("two-hop").map(isRight)),
    searches: mean(trajectories.map((trajectory) => searchesOf(trajectory).length)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

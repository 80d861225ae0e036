/**
 * What the policy's cold start learns: trajectories of mediocre behaviour, in the very texts that the rollout writes.
 * It guesses, asks useless things, gives up early and takes any name for the answer, but it also succeeds now and then
 * at everything that reinforcement learning is to make frequent, two hops included.
 */
import { ANSWER_NOW, agentPrompt, INVALID_ACTION, informationText } from "@zerosearch/zerosearch";
import { AGENT_PROMPT, THOUGHTS } from "../recipe.ts";
import { namesIn } from "../world/names.ts";
import type { WorldQuestion } from "../world/questions.ts";
import type { RandomStream } from "../world/random-stream.ts";
import { RELATIONS } from "../world/relations.ts";
import type { World } from "../world/world.ts";
import type { TextPart } from "./name-pattern.ts";
import { askFor } from "./queries.ts";
import { formatPage, type SearchedCorpus, searchResults } from "./search-results.ts";

/** How often what is done, as probabilities. */
export interface Habits {
  /** Answer without a search: questions of one hop, which look easy, and of two. */
  readonly guessOneHop: number;
  readonly guessTwoHop: number;
  /** Of a search: a sensible query; the question itself; else the right relation of a wrong entity. */
  readonly goodQuery: number;
  readonly questionAsQuery: number;
  /** With the answer on the page: take it; take any name of the page; else search again. */
  readonly takeAnswer: number;
  readonly takeAnyName: number;
  /** With the bridge on the page: ask for the second hop; answer with the bridge or any name; else search again. */
  readonly secondHop: number;
  readonly answerBridge: number;
}

/** After so many the rollout demands the answer. */
const MAX_SEARCHES = 4;

/** With nothing on the page that helps: take any name of it for the answer. */
const GIVE_UP = 0.45;

/** Pages from which what is sought has been taken. */
const NOISY_SHARE = 0.3;

/** Turns that do nothing the protocol knows, after which the rollout says so. Not learned, only survived. */
const INVALID_SHARE = 0.03;

export interface PolicySource extends SearchedCorpus {
  readonly world: World;
}

export async function policyText(
  source: PolicySource,
  question: WorldQuestion,
  habits: Habits,
  random: RandomStream,
): Promise<TextPart[]> {
  const parts: TextPart[] = [{ text: agentPrompt(question.text, AGENT_PROMPT), weight: 1 }];
  let progress: Progress = { hopsDone: 0, page: [] };
  for (let searches = 0; ; searches++) {
    if (random.chance(INVALID_SHARE)) {
      parts.push({ text: `${random.pick(Object.values(THOUGHTS))} <search> </search>`, weight: 0 });
      parts.push({ text: INVALID_ACTION, weight: 0 });
    }
    const answer =
      searches === 0 ? guess(source, question, habits, random) : decide(question, progress, habits, random);
    if (searches === MAX_SEARCHES) parts.push({ text: ANSWER_NOW, weight: 0 });
    if (answer !== undefined || searches === MAX_SEARCHES) {
      const given = answer ?? anyName(progress, question, random);
      const thought = searches === 0 ? THOUGHTS.guess : THOUGHTS.found;
      parts.push({ text: `${thought} <answer> ${given} </answer>`, weight: 1 });
      return parts;
    }
    if (isAtBridge(question, progress) && random.chance(habits.secondHop / (1 - habits.answerBridge))) {
      progress = { ...progress, hopsDone: 1 };
    }
    const query = chooseQuery(source, question, { progress, habits }, random);
    const sought = progress.hopsDone === 1 ? question.answer : (question.bridge ?? question.answer);
    const { real, noisy } = await searchResults(source, query, [sought, question.answer], random);
    const page = formatPage(random.chance(NOISY_SHARE) ? noisy : real);
    parts.push(
      { text: `${searches === 0 ? THOUGHTS.first : THOUGHTS.again} <search> ${query} </search>`, weight: 1 },
      { text: informationText(page), weight: 1 },
    );
    progress = { ...progress, page: namesIn(page) };
  }
}

interface Progress {
  /** 1 once the second hop is asked for. */
  readonly hopsDone: 0 | 1;
  /** The names on the last page. */
  readonly page: readonly string[];
}

function guess(
  { world }: PolicySource,
  { relations }: WorldQuestion,
  habits: Habits,
  random: RandomStream,
): string | undefined {
  const [first, second] = relations;
  if (!random.chance(second === undefined ? habits.guessOneHop : habits.guessTwoHop)) return undefined;
  return random.pick(world.entities[RELATIONS[second ?? first].object]);
}

/** An answer, or undefined to search on. */
function decide(question: WorldQuestion, progress: Progress, habits: Habits, random: RandomStream): string | undefined {
  const isLastHop = question.bridge === undefined || progress.hopsDone === 1;
  if (isLastHop && progress.page.includes(question.answer)) {
    const way = random.uniform();
    if (way < habits.takeAnswer) return question.answer;
    return way < habits.takeAnswer + habits.takeAnyName ? anyName(progress, question, random) : undefined;
  }
  if (isAtBridge(question, progress)) {
    if (!random.chance(habits.answerBridge)) return undefined;
    return random.chance(0.5) ? question.bridge : anyName(progress, question, random);
  }
  return random.chance(GIVE_UP) ? anyName(progress, question, random) : undefined;
}

function isAtBridge({ bridge }: WorldQuestion, { hopsDone, page }: Progress): boolean {
  return bridge !== undefined && hopsDone === 0 && page.includes(bridge);
}

function anyName({ page }: Progress, { subject }: WorldQuestion, random: RandomStream): string {
  return page.length > 0 ? random.pick(page) : subject;
}

function chooseQuery(
  { world }: PolicySource,
  { text, relations, subject, bridge }: WorldQuestion,
  { progress, habits }: { readonly progress: Progress; readonly habits: Habits },
  random: RandomStream,
): string {
  const relation = progress.hopsDone === 1 ? (relations[1] ?? relations[0]) : relations[0];
  const current = progress.hopsDone === 1 ? (bridge ?? subject) : subject;
  const way = random.uniform();
  if (way < habits.goodQuery) return askFor(relation, current, random);
  if (way < habits.goodQuery + habits.questionAsQuery) return text.replace(/\?$/, "");
  return askFor(relation, random.pick(world.entities[RELATIONS[relation].subject]), random);
}

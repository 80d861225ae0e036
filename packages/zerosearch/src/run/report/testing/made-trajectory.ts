/** Rollouts of questions about a few made-up people, as a policy before and after training might leave them. */
import { keyedUniform } from "../../../core/keyed-random.ts";
import type { Question } from "../../../core/question.ts";
import { f1Reward } from "../../../reward/answer-rewards.ts";
import type { Action } from "../../../rollout/action.ts";
import { informationText } from "../../../rollout/observation.ts";
import type { Segment } from "../../../rollout/trajectory.ts";
import { formatDocuments } from "../../../search/format-documents.ts";
import type { SearchResult } from "../../../search/search-engine.ts";
import { holdsAnswer } from "../../../search/simulator/label-check.ts";
import type { TrajectoryRecord } from "../../trajectory-line.ts";

const PEOPLE = ["Mirel Tavano", "Osk Brindel", "Lena Quorra", "Jorun Afeld", "Pia Solmark", "Teo Rask", "Ilva Dern"];
const CITIES = ["Velburg", "Nandor", "Saltholm", "Ostrava Nova", "Merrin", "Kestrel Bay", "Tollen"];
const COUNTRIES = ["Avaria", "Norland", "Seland", "Brunia", "Caldia", "Istria Minor", "Rovia"];

const at = (names: readonly string[], i: number): string => names[i % names.length] ?? "";

/** The first, third … ask for a city in one hop, the others for its country in two. */
export function madeQuestion(i: number): Question {
  const person = at(PEOPLE, Math.floor(i / 2));
  const city = Math.floor(i / 2) + Math.floor(i / 14);
  return i % 2 === 0
    ? { id: `one/${i}`, text: `Where was ${person} born?`, answers: [at(CITIES, city)], source: "one-hop" }
    : {
        id: `two/${i}`,
        text: `In which country does the birthplace of ${person} lie?`,
        answers: [at(COUNTRIES, city)],
        source: "two-hop",
        metadata: { city: at(CITIES, city) },
      };
}

export interface MadeTrajectoryOptions {
  readonly step: number;
  readonly sample?: number;
  /** Whether the policy finds the answer. */
  readonly isRight: boolean;
  /** Whether its documents are simulated, and so labelled. */
  readonly isSimulated: boolean;
  /** Null for rollouts that nothing was learned from. */
  readonly advantage?: number | null;
}

export function madeRecord(question: Question, options: MadeTrajectoryOptions): TrajectoryRecord {
  const { step, sample = 0, isRight, isSimulated, advantage = null } = options;
  const draw = keyedUniform([question.id, step, sample, String(isSimulated)]);
  const answer = isRight ? (question.answers[0] ?? "") : draw < 0.15 ? null : at(CITIES, Math.floor(draw * 97));
  const segments = [
    prompt(question),
    ...turns(question, { ...options, answer }).flatMap(([text, action, observed]) => [
      written(text, action),
      ...(observed ? [read(observed)] : []),
    ]),
  ];
  const trajectory = {
    key: { seed: 0, step, questionId: question.id, sample },
    question,
    segments,
    stopReason: answer === null ? ("turn-limit" as const) : ("answered" as const),
    answer,
    policyVersion: step,
    lastPolicyVersion: step,
    totalMs: 40,
    searchMs: 12,
  };
  const tokens = segments.reduce((sum, { kind, tokens: its }) => sum + (kind === "action" ? its.length : 0), 0);
  const advantages = advantage === null ? null : { advantages: new Float64Array(tokens).fill(advantage) };
  return { trajectory, score: f1Reward(trajectory), advantages };
}

type Turn = readonly [text: string, action: Action, observed?: SearchResult];

function turns(
  question: Question,
  { step, isRight, isSimulated, answer }: MadeTrajectoryOptions & { readonly answer: string | null },
): Turn[] {
  const person = PEOPLE.find((name) => question.text.includes(name)) ?? question.text;
  const city = question.metadata?.city as string | undefined;
  const search = (thought: string, query: string, holds: string | undefined, isDeserved = true): Turn => [
    `<think> ${thought} </think>\n<search> ${query} </search>`,
    { kind: "search", query },
    page(question, { query, holds, isSimulated, isDeserved }),
  ];
  const end: Turn =
    answer === null
      ? ["<think> I need more", { kind: "invalid" }]
      : [
          `<think> ${isRight ? "I found it" : "I know it"} </think>\n<answer> ${answer} </answer>`,
          { kind: "answer", answer },
        ];
  const first = search(
    "I must search",
    `birthplace of ${person}`,
    isRight || step > 0 ? (city ?? question.answers[0]) : undefined,
  );
  if (!isRight && step === 0) return [search("I must search", person, undefined, false), end];
  return city === undefined
    ? [first, end]
    : [first, search("I need more", `country of ${city}`, isRight ? question.answers[0] : undefined), end];
}

function page(
  question: Question,
  {
    query,
    holds,
    isSimulated,
    isDeserved,
  }: { query: string; holds: string | undefined; isSimulated: boolean; isDeserved: boolean },
): SearchResult {
  const filler = [0, 1, 2].map((i) => {
    const draw = Math.floor(keyedUniform([query, i]) * 49);
    return { title: at(PEOPLE, draw), text: `${at(PEOPLE, draw)} works in ${at(CITIES, draw + 3)}.` };
  });
  const found = holds === undefined ? [] : [{ title: query, text: `The ${query} is ${holds}.` }];
  const documents = [...filler.slice(0, 1), ...found, ...filler.slice(1)];
  return {
    documents,
    source: isSimulated ? "simulator" : "fts",
    latencyMs: 3,
    ...(isSimulated && {
      simulation: {
        intent: holds === undefined ? "noisy" : "useful",
        isDeserved,
        holdsAnswer: holdsAnswer(documents, question.answers),
        isRepeated: false,
        draws: 1,
      },
    }),
  };
}

/** About one token per word, as the miniature's tokenizer has it. */
const tokensOf = (text: string): number[] =>
  text
    .trim()
    .split(/\s+/)
    .map((_, i) => i);

function prompt({ text }: Question): Segment {
  const whole = `Question: ${text}\n`;
  return { kind: "prompt", tokens: tokensOf(whole), text: whole };
}

function written(text: string, action: Action): Segment {
  const tokens = tokensOf(text);
  const logProbs = tokens.map(() => -0.1);
  return { kind: "action", tokens, logProbs, fullLogProbs: logProbs, text, action, generationMs: 5 };
}

function read(result: SearchResult): Segment {
  const { text, shownCount } = formatDocuments(result.documents);
  const whole = informationText(text);
  return {
    kind: "observation",
    cause: "search",
    tokens: tokensOf(whole),
    text: whole,
    result,
    shownDocuments: shownCount,
  };
}

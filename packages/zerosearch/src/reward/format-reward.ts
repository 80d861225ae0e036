/**
 * Search-R1's reward for answer and format (`qa_em_format`, method §5.6): exact match, corrected by whether the policy
 * kept to the protocol: think, search, think, …, answer, and nothing but white space between.
 *
 * Differs from Search-R1 in what it reads: segments instead of one text that is searched for tags. What a document says
 * is no format of the policy's, and chat markers of one model family are not needed.
 */
import { normalizeAnswer } from "../core/normalize-answer.ts";
import type { ActionSegment, Trajectory } from "../rollout/trajectory.ts";
import { answerMeasures } from "./answer-measures.ts";
import { extractAnswer } from "./extract-answer.ts";
import type { Reward } from "./reward.ts";

/** Rungs of the ladder. Defaults: Search-R1's scripts v0.3. */
export interface FormatWeights {
  /** A sound format without the right answer earns it; the right answer in an unsound format loses it. Default 0.2. */
  readonly structure?: number;
  /** A wrong answer in an unsound format earns it: there was an answer at least. Default 0.1. */
  readonly final?: number;
  /** Added to `structure` where the answer is wrong but a golden one was found. Default 0. */
  readonly retrieval?: number;
}

export function formatReward({ structure = 0.2, final = 0.1, retrieval = 0 }: FormatWeights = {}): Reward {
  return (trajectory) => {
    const answer = extractAnswer(trajectory);
    const measures = answerMeasures(answer, trajectory.question.answers);
    const isSound = isSoundFormat(trajectory);
    const hasFound = hasFoundAnswer(trajectory);
    const pay = (): number => {
      if (measures.exactMatch === 1) return isSound ? 1 : 1 - structure;
      if (isSound) return structure + (hasFound ? retrieval : 0);
      return answer === null ? 0 : final;
    };
    return {
      reward: pay(),
      measures: { ...measures, soundFormat: Number(isSound), answerFound: Number(hasFound) },
    };
  };
}

/** Thoughts, then one search or answer; in neither another tag of the protocol. */
const TURN = /^\s*<think>(.*?)<\/think>\s*<(search|answer)>(.*?)<\/\2>\s*$/s;
const PROTOCOL_TAG = /<\/?(?:think|search|information|answer)>/;

/** Whether every turn is sound and the last one answers. */
function isSoundFormat({ segments }: Trajectory): boolean {
  const turns = segments.filter((segment) => segment.kind === "action");
  if (turns.length === 0) return false;
  return turns.every((turn, index) => isSoundTurn(turn, index === turns.length - 1 ? "answer" : "search"));
}

function isSoundTurn({ text, action }: ActionSegment, expected: "answer" | "search"): boolean {
  const [, thoughts = "", tag, content = ""] = TURN.exec(text) ?? [];
  return tag === expected && action.kind === expected && !PROTOCOL_TAG.test(thoughts) && !PROTOCOL_TAG.test(content);
}

/** Whether a golden answer stands in what searches returned. */
function hasFoundAnswer({ segments, question }: Trajectory): boolean {
  const golds = question.answers.map(normalizeAnswer).filter((gold) => gold !== "");
  return segments.some((segment) => {
    if (segment.kind !== "observation" || segment.cause !== "search") return false;
    const text = normalizeAnswer(segment.text);
    return golds.some((gold) => text.includes(gold));
  });
}

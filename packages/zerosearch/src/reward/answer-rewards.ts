/** Rewards for the answer alone. None of them looks at format, length or number of searches. */
import type { Trajectory } from "../rollout/trajectory.ts";
import { type AnswerMeasures, answerMeasures } from "./answer-measures.ts";
import { extractAnswer } from "./extract-answer.ts";
import type { Score } from "./reward.ts";

/** Word F1, the paper's and the default. */
export function f1Reward(trajectory: Trajectory): Score {
  return scoreBy("f1", trajectory);
}

/** 1 for an exact match. */
export function exactMatchReward(trajectory: Trajectory): Score {
  return scoreBy("exactMatch", trajectory);
}

/** 1 for an answer that holds a golden one. It pays for saying everything: for comparison with the reference only. */
export function coverExactMatchReward(trajectory: Trajectory): Score {
  return scoreBy("coverExactMatch", trajectory);
}

function scoreBy(measure: keyof AnswerMeasures, trajectory: Trajectory): Score {
  const measures = answerMeasures(extractAnswer(trajectory), trajectory.question.answers);
  return { reward: measures[measure], measures: { ...measures } };
}

/** The measures that every reward reports, whichever of them it pays for. All of one unanswered trajectory are 0. */
import { isCoverExactMatch } from "./cover-exact-match.ts";
import { isExactMatch } from "./exact-match.ts";
import { f1 } from "./f1.ts";

export interface AnswerMeasures {
  readonly f1: number;
  /** 0 or 1, as are the following. */
  readonly exactMatch: number;
  readonly coverExactMatch: number;
  /** Whether there was an answer at all, an empty one included. */
  readonly answered: number;
}

/** @param prediction  null if there is none */
export function answerMeasures(prediction: string | null, answers: readonly string[]): AnswerMeasures {
  if (prediction === null) return { f1: 0, exactMatch: 0, coverExactMatch: 0, answered: 0 };
  return {
    f1: f1(prediction, answers),
    exactMatch: Number(isExactMatch(prediction, answers)),
    coverExactMatch: Number(isCoverExactMatch(prediction, answers)),
    answered: 1,
  };
}

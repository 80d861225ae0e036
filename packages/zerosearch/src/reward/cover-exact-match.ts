/**
 * Cover exact match: the prediction holds an answer somewhere. This is what the reference's code and the paper's tables
 * call EM (defect D1): "not Paris but Lyon" is right for "Paris", so it is no reward, but it makes scores comparable.
 */
import { normalizeAnswer } from "../core/normalize-answer.ts";

/** As a sequence of characters, not of words. An answer that normalises to nothing stands nowhere. */
export function isCoverExactMatch(prediction: string, answers: readonly string[]): boolean {
  const predicted = normalizeAnswer(prediction);
  return answers.some((answer) => {
    const gold = normalizeAnswer(answer);
    return gold !== "" && predicted.includes(gold);
  });
}

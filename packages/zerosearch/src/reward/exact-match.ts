/** Exact match (method §5.2): equality after normalisation, which the reference's "EM" is not (defect D1). */
import { normalizeAnswer } from "../core/normalize-answer.ts";

/** Whether the prediction is one of the answers. One that normalises to nothing, such as "The", is matched by nothing. */
export function isExactMatch(prediction: string, answers: readonly string[]): boolean {
  const predicted = normalizeAnswer(prediction);
  return predicted !== "" && answers.some((answer) => normalizeAnswer(answer) === predicted);
}

/** Word F1 (method §5.3): the reward of the paper, 2·overlap over the words of prediction and gold. */
import { normalizeAnswer } from "../core/normalize-answer.ts";

/**
 * The best over all golden answers, in [0, 1]. An answer that normalises to nothing, such as "The", overlaps nothing.
 *
 * Differs from HotpotQA's official scorer, which wants `yes`, `no` and `noanswer` exact, as the reference does.
 */
export function f1(prediction: string, answers: readonly string[]): number {
  const predicted = wordsOf(prediction);
  return Math.max(0, ...answers.map((answer) => overlapF1(predicted, wordsOf(answer))));
}

function wordsOf(text: string): string[] {
  return normalizeAnswer(text)
    .split(" ")
    .filter((word) => word !== "");
}

function overlapF1(predicted: readonly string[], gold: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of gold) left.set(word, (left.get(word) ?? 0) + 1);
  let overlap = 0;
  for (const word of predicted) {
    const count = left.get(word) ?? 0;
    if (count > 0) {
      overlap++;
      left.set(word, count - 1);
    }
  }
  return overlap === 0 ? 0 : (2 * overlap) / (predicted.length + gold.length);
}

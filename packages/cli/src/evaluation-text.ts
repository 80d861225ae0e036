import type { EvaluationLine } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** An evaluation as one line, such as `step 40 · real engine, greedy: exact match 0.69 (0.64–0.74)`. */
export function evaluationText({ step, name, temperature, questions, failed, measures }: EvaluationLine): string {
  const head = `${pc.bold(`step ${step}`)} · ${name}, ${temperature === 0 ? "greedy" : `temperature ${temperature}`}`;
  if (!measures) return `${head}: all ${failed} rollouts failed`;
  const { value, low, high } = measures.exactMatch;
  return (
    `${head}: exact match ${pc.bold(value.toFixed(2))} (${low.toFixed(2)}–${high.toFixed(2)}), ` +
    `${measures.searches.value.toFixed(1)} searches per question, ${questions} questions` +
    (failed > 0 ? `, ${failed} failed` : "")
  );
}

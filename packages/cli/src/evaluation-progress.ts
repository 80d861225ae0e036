import type { EvaluationProgress } from "@zerosearch/zerosearch";

/** What an evaluation that goes on has come to, such as `exact match 0.310`. */
export function evaluationDetails({ done, failed, searches, exactMatch, f1 }: EvaluationProgress): string[] {
  return [
    ...(done > 0 ? [`exact match ${exactMatch.toFixed(3)}`, `F1 ${f1.toFixed(3)}`] : []),
    ...(searches > 0 ? [`${searches} searches`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
}

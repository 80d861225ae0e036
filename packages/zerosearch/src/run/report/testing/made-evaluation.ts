/** Lines of evaluations with made-up numbers. */
import type { EvaluationMeasures } from "../../../reward/evaluation-summary.ts";
import type { EvaluationLine } from "../../run-files.ts";

export interface MadeEvaluation {
  readonly name: string;
  readonly step: number;
  readonly temperature?: number;
  readonly engine?: string;
  readonly sources?: readonly string[];
  readonly failed?: number;
}

/** Ten questions, half of them right. */
export function madeEvaluation(made: MadeEvaluation): EvaluationLine {
  const { name, step, temperature = 0, engine = "fts", sources = ["test"], failed = 0 } = made;
  const half = { value: 0.5, low: 0.24, high: 0.76 };
  const measures: EvaluationMeasures = {
    exactMatch: half,
    coverExactMatch: half,
    f1: half,
    answered: half,
    searches: half,
    turns: half,
    tokens: half,
  };
  return {
    step,
    name,
    engine: { name: engine, identity: {} },
    temperature,
    seconds: 1,
    questions: 10,
    failed,
    measures,
    bySource: Object.fromEntries(sources.map((source) => [source, { questions: 5, measures }])),
  };
}

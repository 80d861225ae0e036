/** What lies in the folder of an evaluation, beside what lies in that of a run: `config.json` and `run.json`. */
export const EVALUATION_FILES = {
  /** An EngineIdentity: what is searched. */
  engine: "engine.json",
  /** One Prediction per question. */
  predictions: "predictions.jsonl",
  /** An EvaluationResult. Where it is, the evaluation is finished. */
  result: "result.json",
  /** The same for people. */
  markdown: "result.md",
  page: "result.html",
} as const;

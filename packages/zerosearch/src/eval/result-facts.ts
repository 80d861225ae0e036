/** How a result was made, in words: the same on the page and in the text. */
import { countText, dollarsText } from "../run/report/format.ts";
import type { EvaluationResult } from "./evaluation-result.ts";

/** Names and values. */
export function resultFacts(result: EvaluationResult): (readonly [name: string, value: string])[] {
  const { config, engine, stopReasons, versions, createdAt } = result;
  const { model, limits } = config;
  const { libtorch } = versions;
  return [
    ["method", config.baseline],
    ["model", `${model.path} (${model.dtype ?? "the files' own dtype"}, ${model.numerics} numerics)`],
    ["engine", `${engine.name} ${JSON.stringify(engine.identity)}`],
    ["questions", [...config.data.benchmarks, ...config.data.files].join(", ") + drawText(result)],
    ["temperature", config.temperature === 0 ? "0 (greedy)" : String(config.temperature)],
    ["seed", String(config.seed)],
    ["limits", `${limits.maxTurns} turns of ${limits.maxTurnTokens} tokens, ${limits.topK} documents per search`],
    [
      "ends",
      Object.entries(stopReasons)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(", "),
    ],
    ["searches", costText(result)],
    ["begun", createdAt],
    ["versions", `zerosearch ${versions.zerosearch}, Node ${versions.node}, libtorch ${libtorch.version}`],
    ["machine", `${versions.processor}, ${versions.platform}`],
  ];
}

function drawText({ config: { maxQuestions } }: EvaluationResult): string {
  return maxQuestions === undefined ? "" : `, at most ${maxQuestions} of each source`;
}

function costText({ searchCost: { searches, dollars, dollarsPer1000 } }: EvaluationResult): string {
  const made = countText(searches, "search", "searches");
  if (dollarsPer1000 === 0) return `${made}, free of charge`;
  return `${made}, about ${dollarsText(dollars)} at ${dollarsText(dollarsPer1000)} per 1,000`;
}

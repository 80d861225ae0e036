/** What came of the experiments, seed by seed, as a table: exact match on the real engine is what counts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EvaluationLine, readEvaluations } from "@zerosearch/zerosearch";
import { EXPERIMENTS, type Experiment } from "./experiments.ts";
import { experimentFolder } from "./run-experiment.ts";

/** One measure over seeds. */
export interface OverSeeds {
  readonly values: readonly number[];
  readonly mean: number;
  /** Half the width of Student's interval of 95 %; undefined with fewer than two seeds. */
  readonly halfWidth?: number;
}

export interface ExperimentResult {
  readonly experiment: Experiment;
  /** Exact match after training. */
  readonly realGreedy: OverSeeds;
  readonly realSampled: OverSeeds;
  readonly simulatedGreedy: OverSeeds;
  readonly simulatedSampled: OverSeeds;
  /** Searches per question, real engine, greedy. */
  readonly searches: OverSeeds;
}

/** Student's t at 97.5 %, by degrees of freedom from 1; the normal's beyond. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
const NORMAL = 1.96;

/** Mean and interval over independent runs. @param values  at least one */
export function overSeeds(values: readonly number[]): OverSeeds {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { values, mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { values, mean, halfWidth: (STUDENT[count - 2] ?? NORMAL) * Math.sqrt(variance / count) };
}

/** Results of all runs that are finished; experiments without one are left out. */
export async function readResults(
  folder: string,
  steps: number,
  seeds: readonly number[],
): Promise<ExperimentResult[]> {
  const results: ExperimentResult[] = [];
  for (const experiment of EXPERIMENTS) {
    const finished: EvaluationLine[][] = [];
    for (const seed of seeds) {
      const lines = await finalLines(experimentFolder(folder, experiment, seed), steps);
      if (lines.length > 0) finished.push(lines);
    }
    if (finished.length > 0) results.push({ experiment, ...summary(finished) });
  }
  return results;
}

async function finalLines(run: string, steps: number): Promise<EvaluationLine[]> {
  const path = join(run, "evaluations.jsonl");
  if (!existsSync(path)) return [];
  const lines: EvaluationLine[] = [];
  for await (const line of readEvaluations(path)) if (line.step === steps) lines.push(line);
  return lines;
}

function summary(runs: readonly EvaluationLine[][]): Omit<ExperimentResult, "experiment"> {
  const over = (name: string, temperature: number, of: "exactMatch" | "searches" = "exactMatch"): OverSeeds =>
    overSeeds(
      runs.flatMap((lines) => {
        const line = lines.find((each) => each.name === name && each.temperature === temperature);
        return line?.measures?.[of].value ?? [];
      }),
    );
  return {
    realGreedy: over("real", 0),
    realSampled: over("real", 1),
    simulatedGreedy: over("simulated", 0),
    simulatedSampled: over("simulated", 1),
    searches: over("real", 0, "searches"),
  };
}

/** A Markdown table: means over seeds with intervals, exact match on questions about names nobody trained on. */
export function resultsTable(results: readonly ExperimentResult[]): string {
  const text = ({ mean, halfWidth }: OverSeeds): string =>
    halfWidth === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${halfWidth.toFixed(2)}`;
  const rows = results.map(({ experiment, realGreedy, realSampled, simulatedGreedy, simulatedSampled, searches }) => [
    experiment.question,
    experiment.name,
    String(realGreedy.values.length),
    ...[realGreedy, realSampled, simulatedGreedy, simulatedSampled, searches].map(text),
    experiment.paper ?? "",
  ]);
  const head = [
    ...["question", "run", "seeds", "real, greedy", "real, T = 1", "simulated, greedy", "simulated, T = 1"],
    ...["searches", "the paper (average of 7 benchmarks, %)"],
  ];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

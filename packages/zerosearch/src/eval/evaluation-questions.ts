/** The questions of an evaluation: files, benchmarks of the hub, of each source as many as wanted. */
import type { Environment } from "../core/environment.ts";
import { keyedUniform } from "../core/keyed-random.ts";
import type { Question } from "../core/question.ts";
import { BENCHMARK_REPOSITORY, BENCHMARKS } from "../data/benchmarks.ts";
import { defaultCacheFolder, downloadFromHub } from "../data/hub-download.ts";
import { loadQuestions } from "../data/load-questions.ts";
import type { EvaluationConfig } from "./evaluation-config.ts";

export interface QuestionAccess {
  readonly environment?: Environment;
  readonly signal?: AbortSignal;
}

/**
 * In the order of files and rows, benchmarks last.
 *
 * @throws {DataError} a file is missing or holds a row that is no question, or a benchmark can't be downloaded
 */
export async function evaluationQuestions(
  { data, maxQuestions, seed }: Pick<EvaluationConfig, "data" | "maxQuestions" | "seed">,
  access: QuestionAccess = {},
): Promise<readonly Question[]> {
  const cacheFolder = data.cacheFolder ?? defaultCacheFolder(access.environment);
  const paths = [...data.files];
  for (const { name, path: file } of BENCHMARKS) {
    if (!data.benchmarks.includes(name)) continue;
    const hubFile = { repository: BENCHMARK_REPOSITORY, file, kind: "dataset", cacheFolder } as const;
    paths.push(await downloadFromHub(hubFile, access));
  }
  const { questions } = await loadQuestions(paths);
  return maxQuestions === undefined ? questions : drawOfEachSource(questions, maxQuestions, seed);
}

/** Which ones are drawn depends on ids and seed, not on the files' order; what is drawn keeps that order. */
function drawOfEachSource(questions: readonly Question[], count: number, seed: number): readonly Question[] {
  const sources = [...new Set(questions.map(({ source }) => source))];
  const drawn = sources.flatMap((source) =>
    questions
      .filter((question) => question.source === source)
      .map((question) => ({ question, draw: keyedUniform([seed, "evaluation", question.id]) }))
      .sort((a, b) => a.draw - b.draw)
      .slice(0, count),
  );
  const isDrawn = new Set(drawn.map(({ question }) => question));
  return questions.filter((question) => isDrawn.has(question));
}

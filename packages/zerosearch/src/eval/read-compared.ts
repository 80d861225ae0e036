/** What `compare` reads: a result's folder, or a file of predictions that any program wrote. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../core/errors.ts";
import { readDataRows } from "../data/data-rows.ts";
import { type AnswerMeasures, answerMeasures } from "../reward/answer-measures.ts";
import { EVALUATION_FILES } from "./evaluation-files.ts";
import type { EngineIdentity } from "./evaluation-result.ts";

export interface ComparedAnswer extends AnswerMeasures {
  readonly source: string;
  readonly answers: readonly string[];
}

/** Measures are counted anew, so that both sides are by the same rules. */
export interface ComparedResult {
  readonly path: string;
  /** By the question's id. */
  readonly answers: ReadonlyMap<string, ComparedAnswer>;
  /** Where it is known. */
  readonly engine?: EngineIdentity;
}

/** Further fields are ignored. */
const LINE = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  source: z.string().default("questions"),
  prediction: z.string().nullable(),
  answers: z.array(z.string()).min(1),
});

const RESULT = z.object({
  engine: z.object({ name: z.string(), identity: z.record(z.string(), z.unknown()) }),
});

/** @throws {DataError} it is neither, is not finished, or holds a line that is no prediction */
export async function readCompared(path: string): Promise<ComparedResult> {
  if (!existsSync(path)) throw new DataError(`${path}: there is no such folder or file`);
  if (!statSync(path).isDirectory()) return { path, answers: await readAnswers(path) };
  const result = join(path, EVALUATION_FILES.result);
  if (!existsSync(result)) {
    throw new DataError(
      `${path} holds no ${EVALUATION_FILES.result}: it is no evaluation, or one that is not finished and goes on with --resume.`,
    );
  }
  const { engine } = RESULT.parse(JSON.parse(readFileSync(result, "utf8")));
  return { path, answers: await readAnswers(join(path, EVALUATION_FILES.predictions)), engine };
}

async function readAnswers(path: string): Promise<Map<string, ComparedAnswer>> {
  const read = new Map<string, ComparedAnswer>();
  for await (const row of readDataRows(path)) {
    const parsed = "problem" in row ? undefined : LINE.safeParse(row.value);
    if (!parsed?.success) {
      const problem = parsed ? z.prettifyError(parsed.error).replaceAll(/\s+/gu, " ") : "problem" in row && row.problem;
      throw new DataError(`${path}, ${row.place}: ${problem}. Expected {"id", "prediction", "answers"}.`);
    }
    const { id, source, prediction, answers } = parsed.data;
    if (read.has(id)) throw new DataError(`${path}, ${row.place}: question ${id} is answered a second time`);
    read.set(id, { source, answers, ...answerMeasures(prediction, answers) });
  }
  return read;
}

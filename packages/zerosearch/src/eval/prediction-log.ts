/** `predictions.jsonl`: what became of each question. `zerosearch score` reads it as well. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { RunError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { answerMeasures } from "../reward/answer-measures.ts";
import type { MeasuredAnswer } from "../reward/evaluation-summary.ts";
import { isFailure, STOP_REASONS, type StopReason } from "../rollout/stop-reason.ts";
import { writeDurableFile } from "../run/durable-file.ts";
import { JsonlLog, readLines } from "../run/jsonl-log.ts";
import type { Attempt } from "./answer-question.ts";

/** One line. A question that failed has no prediction and counts as wrong. */
export interface Prediction extends MeasuredAnswer {
  readonly id: string;
  readonly source: string;
  readonly question: string;
  readonly answers: readonly string[];
  readonly prediction: string | null;
  readonly stopReason: StopReason;
  readonly failure?: string | undefined;
  readonly queries: readonly string[];
}

const number = z.number();

const predictionSchema: z.ZodType<Prediction> = z.object({
  id: z.string(),
  source: z.string(),
  question: z.string(),
  answers: z.array(z.string()),
  prediction: z.string().nullable(),
  exactMatch: number,
  coverExactMatch: number,
  f1: number,
  answered: number,
  searches: number,
  turns: number,
  tokens: number,
  stopReason: z.enum(STOP_REASONS),
  failure: z.string().optional(),
  queries: z.array(z.string()),
});

export function predictionOf(question: Question, attempt: Attempt): Prediction {
  const { answer, stopReason, failure, queries, turns, tokens } = attempt;
  const { id, source, text, answers } = question;
  return {
    id,
    source,
    question: text,
    answers,
    prediction: answer,
    ...answerMeasures(answer, answers),
    searches: queries.length,
    turns,
    tokens,
    stopReason,
    ...(failure !== undefined && { failure }),
    queries,
  };
}

/** Predictions as they are made, in whatever order. Owns its file. */
export class PredictionLog extends JsonlLog {
  /**
   * Goes on after predictions that are there, which may be none.
   *
   * @throws {RunError} it can't be written
   */
  static open(path: string, kept: readonly Prediction[]): PredictionLog {
    const text = textOf(kept);
    writeDurableFile(path, text);
    return new PredictionLog(path, Buffer.byteLength(text));
  }

  write(prediction: Prediction): void {
    this.append(JSON.stringify(prediction));
  }
}

/** Replaces the file, so that its order is the questions'. */
export function writePredictions(path: string, predictions: readonly Prediction[]): void {
  writeDurableFile(path, textOf(predictions));
}

function textOf(predictions: readonly Prediction[]): string {
  return predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join("");
}

/**
 * What an interrupted evaluation has that need not be asked again: failures are.
 *
 * @returns by the question's id; empty if there is no such file
 * @throws {RunError} a line is damaged, or answers a question that is not asked, or asked otherwise
 */
export async function readKept(path: string, questions: readonly Question[]): Promise<Map<string, Prediction>> {
  const kept = new Map<string, Prediction>();
  if (!existsSync(path)) return kept;
  const asked = new Map(questions.map((question) => [question.id, question]));
  for await (const prediction of readLines(path, (line) => predictionSchema.parse(JSON.parse(line)))) {
    const question = asked.get(prediction.id);
    const isSame =
      question?.text === prediction.question && question.answers.join("\n") === prediction.answers.join("\n");
    if (!isSame) {
      throw new RunError(
        `${path} answers question ${prediction.id}, which ${question ? "is another one" : "is not among those"} now: ` +
          "the question files have changed since. Choose another folder.",
      );
    }
    if (!isFailure(prediction.stopReason)) kept.set(prediction.id, prediction);
  }
  return kept;
}

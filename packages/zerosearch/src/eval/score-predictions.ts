/** Scores for answers that any program wrote: one JSON line each, `{"prediction": "…" or null, "answers": ["…", …]}`. */
import { z } from "zod";
import { DataError } from "../core/errors.ts";
import { type AnswerMeasures, answerMeasures } from "../reward/answer-measures.ts";

/** Means over all lines; a line without a prediction counts as wrong. */
export interface PredictionScores extends AnswerMeasures {
  /** Lines. */
  readonly n: number;
}

/** Further fields are ignored. */
const LINE = z.object({
  prediction: z.string().nullable(),
  answers: z
    .array(z.string().refine((answer) => answer.trim() !== "", "must not be blank"))
    .min(1, "must hold an answer"),
});

/** Bad lines that a message lists; the others are counted. */
const MOST_LISTED = 10;

/**
 * Mean exact match, cover exact match and F1, as the rewards count them.
 *
 * @param lines  such as `textLines(process.stdin)`; empty ones are no predictions
 * @throws {DataError} lines are malformed, or there are none: nothing is scored in part
 */
export async function scorePredictions(lines: AsyncIterable<string> | Iterable<string>): Promise<PredictionScores> {
  const sums = { f1: 0, exactMatch: 0, coverExactMatch: 0, answered: 0 };
  const problems: string[] = [];
  let [number, n] = [0, 0];
  for await (const line of lines) {
    number++;
    if (line.trim() === "") continue;
    n++;
    const parsed = parseLine(line);
    if ("problem" in parsed) {
      problems.push(`  line ${number}: ${parsed.problem}`);
      continue;
    }
    const measures = answerMeasures(parsed.prediction, parsed.answers);
    for (const name of MEASURES) sums[name] += measures[name];
  }
  if (problems.length > 0) throw new DataError(complaint(problems));
  if (n === 0) throw new DataError(`there are no predictions: expected lines such as ${EXAMPLE}`);
  const [f1, exactMatch, coverExactMatch, answered] = MEASURES.map((name) => sums[name] / n) as Means;
  return { n, f1, exactMatch, coverExactMatch, answered };
}

const MEASURES = ["f1", "exactMatch", "coverExactMatch", "answered"] as const;
type Means = [number, number, number, number];
const EXAMPLE = '{"prediction": "Paris", "answers": ["Paris"]}';

function parseLine(line: string): z.infer<typeof LINE> | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    return { problem: `is no JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
  const parsed = LINE.safeParse(value);
  if (parsed.success) return parsed.data;
  return {
    problem: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "line"}: ${message}`).join("; "),
  };
}

function complaint(problems: readonly string[]): string {
  const more = problems.length > MOST_LISTED ? [`  … and ${problems.length - MOST_LISTED} more`] : [];
  const head = `${problems.length} malformed ${problems.length === 1 ? "line" : "lines"}; expected ${EXAMPLE}, or null as prediction:`;
  return [head, ...problems.slice(0, MOST_LISTED), ...more].join("\n");
}

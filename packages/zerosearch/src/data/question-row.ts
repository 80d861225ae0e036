/**
 * A row of any of the common question sets as a {@link Question}:
 *
 * | set | question | answers | id | source |
 * | --- | --- | --- | --- | --- |
 * | ours | `question` | `answers` | `id` | `source` |
 * | ZeroSearch, Search-R1, FlashRAG (method §7.1) | `question` | `golden_answers`, or `reward_model.ground_truth.target` | `id`, or `extra_info.index` | `data_source` |
 * | NQ-open | `question` | `answer`, a list | | |
 * | HotpotQA, 2WikiMultihopQA | `question` | `answer` | `_id` | |
 * | MuSiQue | `question` | `answer` and `answer_aliases` | `id` | |
 * | TriviaQA | `question` | `answer.value` and `answer.aliases` | `question_id` | |
 * | Bamboogle | `Question` | `Answer` | | |
 *
 * ZeroSearch's and FlashRAG's ids are numbered per source, so that a question of one source goes by the id of another's
 * (defect D28 of the reference, which then compared their rewards). There the source becomes part of the id, as in
 * `nq:test_0`: always, so that an id does not depend on what else is loaded.
 */
import { z } from "zod";
import type { Question } from "../core/question.ts";

const text = z.string().refine((value) => value.trim() !== "", "must not be blank");
const answerList = z.array(text).min(1, "must hold an answer");
const identifier = z.union([text, z.number().int()]).transform(String);

/** Columns that mean something here; the others become metadata. */
const COLUMNS = z.looseObject({
  question: text.optional(),
  Question: text.optional(),
  answers: answerList.nullish(),
  golden_answers: answerList.nullish(),
  answer: z.union([text, answerList, z.looseObject({ value: text, aliases: z.array(text).nullish() })]).nullish(),
  answer_aliases: z.array(text).nullish(),
  Answer: text.optional(),
  reward_model: z
    .looseObject({ ground_truth: z.looseObject({ target: z.union([text, answerList]).nullish() }).nullish() })
    .nullish(),
  id: identifier.nullish(),
  _id: identifier.nullish(),
  question_id: identifier.nullish(),
  source: text.nullish(),
  data_source: text.nullish(),
  extra_info: z
    .looseObject({ index: z.number().int().nullish(), split: z.string().nullish(), id: text.nullish() })
    .nullish(),
  metadata: z.unknown().optional(),
});

type Columns = z.infer<typeof COLUMNS>;

const NO_METADATA: ReadonlySet<string> = new Set([...Object.keys(COLUMNS.shape), "prompt", "ability"]);

export interface RowContext {
  /** For rows that name no source. */
  readonly source: string;
  /** The row's place in its file, from 0: part of the id where the row has none. */
  readonly index: number;
}

/** The question of a row, or what is wrong with it. */
export function parseQuestionRow(row: unknown, context: RowContext): Question | { readonly problem: string } {
  const parsed = COLUMNS.safeParse(row);
  if (!parsed.success) {
    return {
      problem: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "row"}: ${message}`).join("; "),
    };
  }
  const columns = parsed.data;
  const question = columns.question ?? columns.Question;
  if (question === undefined) return { problem: "question: there is none" };
  const answers = answersOf(columns);
  if ("problem" in answers) return answers;
  const source = columns.source ?? columns.data_source ?? context.source;
  const metadata = metadataOf(columns);
  return {
    id: idOf(columns, source, context),
    text: question,
    answers: answers.found,
    source,
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

function answersOf(columns: Columns): { readonly found: readonly string[] } | { readonly problem: string } {
  const { answers, golden_answers: golden, answer, answer_aliases: aliases, Answer } = columns;
  const target = columns.reward_model?.ground_truth?.target;
  const targets = typeof target === "string" ? [target] : target;
  if (golden && targets && !isSameSet(golden, targets)) {
    return { problem: "golden_answers and reward_model.ground_truth.target contradict each other" };
  }
  const found = answers ?? golden ?? targets ?? singleAnswer(answer) ?? (Answer === undefined ? undefined : [Answer]);
  if (!found) return { problem: "answers: there are none" };
  return { found: [...new Set([...found, ...(aliases ?? [])])] };
}

function singleAnswer(answer: Columns["answer"]): readonly string[] | undefined {
  if (answer === null || answer === undefined) return undefined;
  if (typeof answer === "string") return [answer];
  return Array.isArray(answer) ? answer : [answer.value, ...(answer.aliases ?? [])];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [first, second] = [new Set(a), new Set(b)];
  return first.size === second.size && [...first].every((item) => second.has(item));
}

function idOf(columns: Columns, source: string, { index }: RowContext): string {
  const { id, _id, question_id: questionId, data_source: dataSource, extra_info: extra } = columns;
  // Our own writer keeps ids there, which are unique already.
  if (extra?.id) return extra.id;
  const ownId = id ?? _id ?? questionId;
  const isPerSource = dataSource || columns.golden_answers;
  if (ownId) return isPerSource ? `${source}:${ownId}` : ownId;
  const number = extra?.index ?? index;
  return extra?.split ? `${source}:${extra.split}_${number}` : `${source}:${number}`;
}

function metadataOf(columns: Columns): Record<string, unknown> {
  const rest = Object.entries(columns).filter(([name, value]) => !NO_METADATA.has(name) && value !== null);
  const { metadata } = columns;
  const isRecord = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
  const own = isRecord ? metadata : metadata === null || metadata === undefined ? {} : { metadata };
  return { ...Object.fromEntries(rest), ...own };
}

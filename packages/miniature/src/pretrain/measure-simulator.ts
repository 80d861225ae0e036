/**
 * How faithful a simulator is: for each kind of query, how often the truth stands on the real engine's page, and how
 * often on the simulator's, labelled useful or noisy. Where the columns differ, reinforcement learning will notice.
 */
import {
  type ChatMessage,
  type ChatModel,
  FtsIndex,
  keyedSeed,
  type QueryEngine,
  templatePrompt,
} from "@zerosearch/zerosearch";
import { miniatureGate } from "../gate.ts";
import { PAGE_TOKENS, SIMULATOR_PROMPTS, TOP_K } from "../recipe.ts";
import { namesIn } from "../world/names.ts";
import { sourceOf, toQuestion, type WorldQuestion } from "../world/questions.ts";
import { RandomStream } from "../world/random-stream.ts";
import { makeParts, SPLITS, type WorldPart } from "../world/splits.ts";
import { askFor, makeQuery, type QueryKind } from "./queries.ts";

const PROMPT = templatePrompt(SIMULATOR_PROMPTS);
const WITHHELD = PROMPT.withheld ?? PROMPT.noisy; // as the product asks

/** `linked-entity`: the second hop asked of another entity on the first page. */
type MeasuredKind = QueryKind | "linked-entity";

const ROWS: readonly (readonly [hops: 1 | 2, MeasuredKind])[] = [
  [1, "first-hop"],
  [2, "second-hop"],
  [2, "first-hop"],
  [2, "skipped-hop"],
  [1, "wrong-entity"],
  [1, "wrong-relation"],
  [2, "wrong-relation-of-bridge"],
  [2, "linked-entity"],
  [1, "question"],
  [2, "question"],
  [1, "mangled"],
  [2, "mangled"],
  [1, "garbage"],
  [2, "garbage"],
];

/** The world that decisions are made on, and what searches it. */
interface Source {
  readonly part: WorldPart;
  readonly search: QueryEngine;
}

/** Shares of pages that hold the answer. */
export interface FidelityRow {
  readonly hops: 1 | 2;
  readonly kind: MeasuredKind;
  readonly real: number;
  readonly useful: number;
  readonly noisy: number;
  /** Pages labelled useful that have as many documents as were asked for. */
  readonly complete: number;
}

export interface FidelityOptions {
  readonly temperature: number;
  /** Questions per row, at most 150. */
  readonly count: number;
}

/**
 * Measured on the development split, with the gate.
 *
 * @param model  the simulator, open; it stays the caller's
 */
export async function measureSimulator(model: ChatModel, options: FidelityOptions): Promise<FidelityRow[]> {
  const parts = makeParts();
  const search = await FtsIndex.build(SPLITS.flatMap((split) => parts[split].passages));
  const write = async (messages: readonly ChatMessage[]): Promise<string> => {
    const seed = keyedSeed(["fidelity", JSON.stringify(messages)]);
    const { text } = await model.complete({ messages, temperature: options.temperature, maxTokens: PAGE_TOKENS, seed });
    return text;
  };
  const rows: FidelityRow[] = [];
  for (const [hops, kind] of ROWS) {
    rows.push(await measureRow({ hops, kind, write, count: options.count }, { part: parts.development, search }));
  }
  await search.close();
  return rows;
}

/** The rows as a table. */
export function fidelityLines(rows: readonly FidelityRow[]): string[] {
  const percent = (share: number): string => share.toFixed(2).padStart(8);
  return [
    "pages with the answer                 real  useful   noisy complete",
    ...rows.map(
      ({ hops, kind, real, useful, noisy, complete }) =>
        `${`${kind} (${hops})`.padEnd(34)}${[real, useful, noisy, complete].map(percent).join("")}`,
    ),
  ];
}

interface RowTask {
  readonly hops: 1 | 2;
  readonly kind: MeasuredKind;
  readonly count: number;
  /** Continues a prompt. */
  readonly write: (messages: readonly ChatMessage[]) => Promise<string>;
}

async function measureRow({ hops, kind, write, count }: RowTask, { part, search }: Source): Promise<FidelityRow> {
  const random = new RandomStream(["fidelity", hops, kind]);
  const source = hops === 1 ? "one-hop" : "two-hop";
  const questions = part.questions.filter((question) => sourceOf(question) === source).slice(0, count);
  const pages = await Promise.all(
    questions.map(async (question) => {
      const [first] = question.relations;
      const firstPage = (await search.search(askFor(first, question.subject, random), { topK: TOP_K })).map(
        ({ text }) => text,
      );
      const shown = hops === 2 && kind !== "first-hop" ? firstPage : [];
      const query =
        kind === "linked-entity"
          ? linkedQuery(question, shown, random)
          : makeQuery(kind, question, part.world, random).query;
      const isTold = miniatureGate({ question: toQuestion(question), query, shown: shown.map((text) => ({ text })) });
      const real = (await search.search(query, { topK: TOP_K })).map(({ text }) => text).join("\n");
      const context = { query, question: question.text, answers: [question.answer], count: TOP_K };
      const [useful, noisy] = await Promise.all([
        write((isTold ? PROMPT.useful : WITHHELD)(context)),
        write((isTold ? PROMPT.noisy : WITHHELD)(context)),
      ]);
      return { answer: question.answer, real, useful, noisy };
    }),
  );
  const share = (holds: (page: (typeof pages)[number]) => boolean): number => pages.filter(holds).length / pages.length;
  return {
    hops,
    kind,
    real: share(({ answer, real }) => namesIn(real).includes(answer)),
    useful: share(({ answer, useful }) => namesIn(useful).includes(answer)),
    noisy: share(({ answer, noisy }) => namesIn(noisy).includes(answer)),
    complete: share(({ useful }) => useful.split("\n").length === TOP_K && useful.includes(`Doc ${TOP_K}: `)),
  };
}

function linkedQuery(
  { relations, subject, bridge, answer }: WorldQuestion,
  shown: readonly string[],
  random: RandomStream,
): string {
  const others = namesIn(shown.join("\n")).filter((name) => name !== subject && name !== bridge && name !== answer);
  return askFor(relations[1] ?? relations[0], others.length > 0 ? random.pick(others) : subject, random);
}

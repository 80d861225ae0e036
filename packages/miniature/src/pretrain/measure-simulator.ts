/**
 * The queries by which a simulator of the miniature is audited: what policies ask in its world, sensible or not, on the
 * development split, which decisions are made on.
 */
import {
  type AuditQuery,
  type AuditReport,
  auditPages,
  type ChatModel,
  FtsIndex,
  type QueryEngine,
  templatePrompt,
} from "@zerosearch/zerosearch";
import { miniatureGate } from "../gate.ts";
import { PAGE_TOKENS, SIMULATOR_PROMPTS, TOP_K } from "../recipe.ts";
import { namesIn } from "../world/names.ts";
import { sourceOf, toQuestion, type WorldQuestion } from "../world/questions.ts";
import { RandomStream } from "../world/random-stream.ts";
import { makeParts, SPLITS, type WorldPart } from "../world/splits.ts";
import { SIMULATOR_THRESHOLDS } from "./quality.ts";
import { askFor, makeQuery, type QueryKind } from "./queries.ts";

/** `linked-entity`: the second hop asked of another entity on the first page. */
type AuditedKind = QueryKind | "linked-entity";

const KINDS: readonly (readonly [hops: 1 | 2, AuditedKind])[] = [
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

export interface SimulatorMeasureOptions {
  readonly temperature: number;
  /** Questions per kind of query, at most 150. */
  readonly count: number;
}

/** @param model  the simulator, open; it stays the caller's */
export async function measureSimulator(
  model: ChatModel,
  { temperature, count }: SimulatorMeasureOptions,
): Promise<AuditReport> {
  const parts = makeParts();
  const real = await FtsIndex.build(SPLITS.flatMap((split) => parts[split].passages));
  try {
    const queries: AuditQuery[] = [];
    for (const kind of KINDS) queries.push(...(await queriesOf(kind, { part: parts.development, real, count })));
    const writer = {
      model,
      prompt: templatePrompt(SIMULATOR_PROMPTS),
      temperature,
      maxTokens: PAGE_TOKENS,
      maxDraws: 1,
    };
    const simulator = { ...writer, gate: miniatureGate };
    return await auditPages(simulator, queries, { topK: TOP_K, seed: 0, real, thresholds: SIMULATOR_THRESHOLDS });
  } finally {
    await real.close();
  }
}

/** The world that questions are about, and what searches it. */
interface Source {
  readonly part: WorldPart;
  readonly real: QueryEngine;
  readonly count: number;
}

/** Of a question of two hops the first page has been shown, unless that is what is asked for. */
async function queriesOf([hops, kind]: (typeof KINDS)[number], { part, real, count }: Source): Promise<AuditQuery[]> {
  const random = new RandomStream(["fidelity", hops, kind]);
  const source = hops === 1 ? "one-hop" : "two-hop";
  const questions = part.questions.filter((question) => sourceOf(question) === source).slice(0, count);
  const queries: AuditQuery[] = [];
  for (const question of questions) {
    const firstPage = await real.search(askFor(question.relations[0], question.subject, random), { topK: TOP_K });
    const shown = hops === 2 && kind !== "first-hop" ? firstPage.map(({ text }) => ({ text })) : [];
    const query =
      kind === "linked-entity"
        ? linkedQuery(
            question,
            shown.map(({ text }) => text),
            random,
          )
        : makeQuery(kind, question, part.world, random).query;
    queries.push({ kind: `${kind} (${hops})`, question: toQuestion(question), query, shown });
  }
  return queries;
}

function linkedQuery(
  { relations, subject, bridge, answer }: WorldQuestion,
  shown: readonly string[],
  random: RandomStream,
): string {
  const others = namesIn(shown.join("\n")).filter((name) => name !== subject && name !== bridge && name !== answer);
  return askFor(relations[1] ?? relations[0], others.length > 0 ? random.pick(others) : subject, random);
}

/**
 * The reference's agent loop (generation.py), on our engine: all rollouts take a turn together and wait for the slowest,
 * every turn reads the whole conversation again, no stop string ends a search, so the turn runs on to its bound and is
 * cut afterwards, and ten threads make the searches, those of the closing round too. Left out in its favour: an answer
 * ends its turn as an end-of-text token would, and nothing is tokenised or scored again after each turn.
 */
import type { Engine } from "@zerosearch/lm";
import {
  formatDocuments,
  informationText,
  keyedSeed,
  parseAction,
  type Question,
  type SearchEngine,
  type SearchSession,
} from "@zerosearch/zerosearch";
import pLimit from "p-limit";
import type { PlannedText } from "./planned-text.ts";

const SEARCH_THREADS = 10;

export interface LockStepOptions {
  readonly engine: Engine;
  readonly text: PlannedText;
  readonly search: SearchEngine;
  readonly promptOf: (question: Question) => readonly number[];
  readonly groupSize: number;
  readonly maxTurns: number;
  readonly maxTurnTokens: number;
  readonly topK: number;
}

interface Row {
  readonly key: { readonly seed: number; readonly step: number; readonly questionId: string; readonly sample: number };
  readonly session: SearchSession;
  tokens: number[];
  query: string | undefined;
}

/** Plays all groups; returns how many turns were taken. */
export async function lockStepRollouts(questions: readonly Question[], options: LockStepOptions): Promise<number> {
  const { search, promptOf, groupSize, maxTurns, topK, text } = options;
  let active: Row[] = questions.flatMap((question) =>
    Array.from({ length: groupSize }, (_, sample) => {
      const key = { seed: 0, step: 0, questionId: question.id, sample };
      return {
        key,
        session: search.open({ question, key, noise: 0 }),
        tokens: [...promptOf(question)],
        query: undefined,
      };
    }),
  );
  const threads = pLimit(SEARCH_THREADS);
  let turns = 0;
  for (let turn = 0; turn <= maxTurns && active.length > 0; turn++) {
    turns += active.length;
    await Promise.all(active.map((row) => takeTurn(row, turn, options)));
    active = active.filter(({ query }) => query !== undefined);
    await Promise.all(
      active.map((row) =>
        threads(async () => {
          const { documents } = await row.session.search(row.query ?? "", { topK });
          row.tokens = [...row.tokens, ...text.encode(informationText(formatDocuments(documents).text))];
        }),
      ),
    );
  }
  return turns;
}

async function takeTurn(row: Row, turn: number, { engine, text, maxTurnTokens }: LockStepOptions): Promise<void> {
  const { seed, step, questionId, sample } = row.key;
  const { tokens } = await engine.add({
    prompt: row.tokens,
    maxTokens: maxTurnTokens,
    seed: keyedSeed([seed, step, questionId, sample, turn, "policy"]),
    stopStrings: ["</answer>"],
  }).result;
  const ids = tokens.map(({ id }) => id);
  const decoder = text.streamingDecoder();
  const end = ids.findIndex((id) => decoder.push(id).startsWith("</"));
  const kept = end < 0 ? ids : ids.slice(0, end + 1);
  const action = parseAction(text.decode(kept));
  row.query = action.kind === "search" ? action.query : undefined;
  row.tokens = [...row.tokens, ...kept];
}

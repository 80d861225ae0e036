import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError, RunError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { writeQuestions } from "../data/write-questions.ts";
import { tinyModelFolder } from "../models/testing/tiny-model-folder.ts";
import { scene } from "../rollout/testing/rollout-scene.ts";
import type { Script } from "../rollout/testing/scripted-policy.ts";
import { searchEngineOf } from "../search/lift.ts";
import { FtsIndex } from "../search/local/fts-index.ts";
import type { QueryEngine } from "../search/search-engine.ts";
import { collectConfigSchema } from "./collect-config.ts";
import { collectSearches, type PlayAndCollectOptions, playAndCollect } from "./collect-searches.ts";
import { collectedSearchSchema, readSearches } from "./collected-search.ts";

const PASSAGES = [
  { id: "1", title: "Vienna", text: "Vienna lies on the Danube." },
  { id: "2", title: "Danube", text: "The Danube ends in the Black Sea." },
  { id: "3", title: "Paris", text: "Paris lies on the Seine." },
];

const question = (id: string, text: string, answer: string): Question => ({
  id,
  text,
  answers: [answer],
  source: "made",
});
const QUESTIONS = [
  question("vienna", "Which sea does Vienna's river end in?", "Black Sea"),
  question("paris", "Which river is Paris on?", "Seine"),
  question("known", "What is two plus two?", "4"),
];

/** Two hops for Vienna, the same query twice for Paris, no search for what is known. */
const script: Script = ({ text, turn }) => {
  if (text.includes("two plus two")) return "<answer>4</answer>";
  const [queries, answer] = text.includes("Vienna's")
    ? [["Vienna river", "Danube end"], "Black Sea"]
    : [["Paris", "Paris"], "Seine"];
  return turn < queries.length ? `<search>${queries[turn]}</search>` : `<answer>${answer}</answer>`;
};

let folder = "";
let index: FtsIndex;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-collect-"));
  index = await FtsIndex.build(PASSAGES);
});
afterAll(async () => {
  await index.close();
  rmSync(folder, { recursive: true });
});

let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

/** How often it is searched. */
const counting = (engine: QueryEngine) => {
  const asked: string[] = [];
  const search: QueryEngine["search"] = (query, options) => {
    asked.push(query);
    return engine.search(query, options);
  };
  return { asked, engine: { name: engine.name, identity: engine.identity, search } };
};

const options = (
  out: string,
  changes: Partial<PlayAndCollectOptions> & { script?: Script } = {},
): PlayAndCollectOptions => {
  const { context } = scene(changes.script ?? script);
  return { ...context, groupSize: 1, search: searchEngineOf(index), out, ...changes };
};

const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("every search is a line with its question, page, engine and place, and every rollout closes its lines by one", async () => {
  const out = newFile();
  const summary = await playAndCollect(QUESTIONS, options(out));
  expect(summary).toEqual({
    questions: 3,
    before: 0,
    left: 0,
    rollouts: 3,
    answered: 3,
    searches: 4,
    duplicates: 1,
    empty: 0,
  });
  const about = linesOf(out).filter(({ questionId }) => questionId === "vienna");
  expect(about.slice(0, 2)).toMatchObject([
    {
      event: "search",
      query: "Vienna river",
      sample: 0,
      turn: 0,
      question: QUESTIONS[0]?.text,
      answers: ["Black Sea"],
    },
    { event: "search", query: "Danube end", sample: 0, turn: 1, source: "made" },
  ]);
  expect(about[1]?.documents).toContainEqual({ title: "Danube", text: "The Danube ends in the Black Sea." });
  expect(about[1]?.engine).toEqual({ name: "local", ...index.identity });
  expect(about[2]).toEqual({
    event: "rollout",
    questionId: "vienna",
    sample: 0,
    stopReason: "answered",
    answer: "Black Sea",
  });
});

test("what a rollout had been shown before a search is read back with it", async () => {
  const out = newFile();
  await playAndCollect(QUESTIONS, options(out));
  const shown = new Map<string, number>();
  for await (const { search, shown: documents } of readSearches([out, out], collectedSearchSchema)) {
    shown.set(`${search.questionId} ${search.turn}`, documents.length);
  }
  const first = (await index.search("Vienna river", { topK: 5 })).length;
  expect(shown).toEqual(
    new Map([
      ["vienna 0", 0],
      ["vienna 1", first],
      ["paris 0", 0],
      ["paris 1", 1],
    ]),
  );
});

test("a second run plays what is missing only, also after a crash in the middle of a line", async () => {
  const whole = newFile();
  await playAndCollect(QUESTIONS, options(whole, { maxConcurrent: 1 }));
  const lines = readFileSync(whole, "utf8").split("\n");
  const torn = newFile();
  appendFileSync(torn, `${lines.slice(0, 4).join("\n")}\n${lines[4]?.slice(0, 30)}`);
  const { asked, engine } = counting(index);
  const summary = await playAndCollect(QUESTIONS, options(torn, { maxConcurrent: 1, search: searchEngineOf(engine) }));
  expect(summary).toMatchObject({ before: 1, rollouts: 3, searches: 4 });
  expect(asked).toEqual(["Paris", "Paris"]);
  expect(readFileSync(torn, "utf8")).toBe(readFileSync(whole, "utf8"));
  asked.length = 0;
  expect(await playAndCollect(QUESTIONS, options(torn, { search: searchEngineOf(engine) }))).toMatchObject({
    before: 3,
  });
  expect(asked).toEqual([]);
});

test("an interruption keeps what has ended and says what is left", async () => {
  const out = newFile();
  const controller = new AbortController();
  const slow: Script = (turn) => {
    if (!turn.text.includes("Paris")) return script(turn);
    return new Promise(() => setImmediate(() => controller.abort()));
  };
  const summary = await playAndCollect(QUESTIONS, options(out, { script: slow, signal: controller.signal }));
  expect(summary.left).toBeGreaterThan(0);
  expect(summary.left + summary.rollouts).toBe(3);
  const later = await playAndCollect(QUESTIONS, options(out));
  expect(later).toMatchObject({ before: summary.rollouts, rollouts: 3, searches: 4, left: 0 });
});

test("failed rollouts are not kept, and too many end it", async () => {
  const out = newFile();
  const failing: Script = (turn) => {
    if (turn.text.includes("Paris")) throw new Error("out of memory");
    return script(turn);
  };
  const summary = await playAndCollect(QUESTIONS, options(out, { script: failing, maxFailureShare: 0.5 }));
  expect(summary).toMatchObject({ rollouts: 2, left: 1 });
  await expect(playAndCollect(QUESTIONS, options(newFile(), { script: failing }))).rejects.toThrow(RunError);
});

test("searches of another engine are not mixed in, and a damaged line is named", async () => {
  const out = newFile();
  await playAndCollect(QUESTIONS, options(out));
  const search = searchEngineOf(await FtsIndex.build(PASSAGES.slice(1)));
  await expect(playAndCollect(QUESTIONS, options(out, { search }))).rejects.toThrow(ConfigError);
  await search.close?.();
  truncateSync(out, 40);
  appendFileSync(out, "\n");
  await expect(playAndCollect(QUESTIONS, options(out))).rejects.toThrow(`${out}:1`);
});

test("a configuration names model, questions and engine; a model that knows no tags searches nothing", async () => {
  const model = tinyModelFolder(false);
  const data = join(folder, "questions.jsonl");
  await writeQuestions(data, QUESTIONS);
  const path = join(folder, "index.db");
  await (await FtsIndex.build(PASSAGES, { path })).close();
  const out = newFile();
  const config = collectConfigSchema.parse({
    model: { path: model, prompt: "Q: {question}\n" },
    data: { files: [data], maxQuestions: 2 },
    search: { engine: "local", index: path },
    out,
    groupSize: 2,
    limits: { maxTurns: 1, maxTurnTokens: 4, answerReserve: 8 },
  });
  const summary = await collectSearches(config);
  expect(summary).toMatchObject({ questions: 2, rollouts: 4, searches: 0, answered: 0, left: 0 });
  expect(new Set(linesOf(out).map(({ event }) => event))).toEqual(new Set(["rollout"]));
  rmSync(model, { recursive: true });
});

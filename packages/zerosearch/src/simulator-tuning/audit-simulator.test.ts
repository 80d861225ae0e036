import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatModelError, DataError, SearchError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { completionBody, loopbackServer, sendJson } from "../core/testing/loopback-server.ts";
import { writeQuestions } from "../data/write-questions.ts";
import { FtsIndex } from "../search/local/fts-index.ts";
import { entityOverlapGate, noGate } from "../search/simulator/gate.ts";
import { templatePrompt, tunedSimulatorPrompt } from "../search/simulator/simulator-prompts.ts";
import { type Script, ScriptedChatModel } from "../search/simulator/testing/scripted-chat-model.ts";
import { auditConfigSchema } from "./audit-config.ts";
import type { AuditedSimulator } from "./audit-pages.ts";
import type { AuditQuery } from "./audit-query.ts";
import { type AuditPagesOptions, type AuditReport, auditPages, auditSimulator } from "./audit-simulator.ts";
import { auditMarkdown, auditTables } from "./audit-tables.ts";
import { type AuditThresholds, auditThresholdsSchema } from "./audit-thresholds.ts";
import { makeAuditQueries } from "./query-kinds.ts";

const COUNT = 30;
const QUESTIONS: Question[] = Array.from({ length: COUNT }, (_, i) => ({
  id: `q${i}`,
  text: `Where was Person${i} born?`,
  answers: [`Town${i}`],
  source: "made",
}));
const PASSAGES = QUESTIONS.flatMap((_, i) => [
  { id: `${i}a`, text: `Person${i} was born in Town${i}.` },
  { id: `${i}b`, text: `Person${i} likes the colour number ${i}.` },
]);

let index: FtsIndex;
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-audit-"));
  index = await FtsIndex.build(PASSAGES, { path: join(folder, "index.db") });
});
afterAll(async () => {
  await index.close();
  rmSync(folder, { recursive: true });
});

const PROMPTS = { useful: "useful|{query}|{answer}", noisy: "noisy|{query}|{answer}", withheld: "withheld|{query}|?" };

/** What a prompt asks for. */
const read = ({ messages }: Parameters<Script>[0]) => {
  const [label = "", query = "", answer = ""] = (messages.at(-1)?.content ?? "").split("|");
  return { label, query, answer };
};

/** Writes what it should: the answer on useful pages, and nothing of it elsewhere. */
const faithful: Script = (request) => {
  const { label, query, answer } = read(request);
  return `Doc 1: On ${query} ${label === "useful" ? answer : "little"} is known.\nDoc 2: More about ${query}.`;
};

const thresholds = (changes: object = {}): AuditThresholds => auditThresholdsSchema.parse(changes);

async function audited(
  script: Script,
  {
    queries,
    ...changes
  }: Partial<AuditPagesOptions> & { queries?: AuditQuery[]; gate?: AuditedSimulator["gate"] } = {},
): Promise<AuditReport & { requests: number }> {
  const model = new ScriptedChatModel(script);
  const { gate = entityOverlapGate, ...options } = changes;
  const simulator = { model, prompt: templatePrompt(PROMPTS), gate, temperature: 0.5, maxTokens: 99, maxDraws: 1 };
  const asked = queries ?? makeAuditQueries({ questions: QUESTIONS, searches: [] }, { perKind: COUNT, seed: 0 });
  const report = await auditPages(simulator, asked, {
    topK: 2,
    seed: 0,
    real: index,
    thresholds: thresholds(),
    ...options,
  });
  return { ...report, requests: model.requests.length };
}

const rowOf = ({ rows }: AuditReport, kind: string) => rows.find((row) => row.kind === kind);

test("a faithful simulator passes, and its row stands beside the real engine's", async () => {
  const report = await audited(faithful);
  expect(report.shortfalls).toEqual([]);
  const shares = report.rows.map(({ kind, isDeserved, real, useful, noisy, complete }) => [
    kind,
    isDeserved,
    ...[real, useful, noisy, complete].map(({ share }) => share),
  ]);
  expect(shares).toEqual([
    ["question", true, 1, 1, 0, 1],
    ["another question's", false, 0, 0, undefined, 1],
    ["without its entities", false, expect.any(Number), 0, undefined, 1],
  ]);
  expect(report.requests).toBe(COUNT * (2 + 1 + 1)); // where the truth is withheld there is one page for both labels
  expect(report.origins.map(({ origin, pages }) => [origin, pages])).toEqual([
    ["real", 3 * COUNT],
    ["useful", COUNT],
    ["noisy", COUNT],
    ["withheld", 2 * COUNT],
  ]);
});

test("a simulator that always tells the answer is refused, with a sentence for each leak", async () => {
  const answerOf = (query: string) => `Town${/Person(\d+)/.exec(query)?.[1]}`;
  const leaky: Script = (request) => {
    const { query, answer } = read(request);
    return `Doc 1: It is ${answer === "?" ? answerOf(query) : answer}.\nDoc 2: About ${query}.`;
  };
  const { shortfalls } = await audited(leaky);
  expect(shortfalls).toEqual([
    'Queries of kind "question", the truth told: 100 % of the noisy pages hold an answer, at most 10 % may: the curriculum\'s noise would be none.',
  ]);
  const ungated = await audited(leaky, { gate: noGate });
  expect(ungated.shortfalls).toEqual([
    `Queries of kind "another question's", the truth told: 100 % of the useful pages hold an answer, the real engine's 0 %, at most 15 % may: a policy would learn to ask so, and find nothing with the real engine.`,
    expect.stringMatching(
      /^Queries of kind "without its entities", the truth told: 100 % of the useful pages hold an answer/,
    ),
    ...["question", "another question's", "without its entities"].map((kind) =>
      expect.stringMatching(
        new RegExp(`^Queries of kind "${kind}", the truth told: 100 % of the noisy pages hold an answer`),
      ),
    ),
  ]);
});

test("a simulator that tells what it was not told is refused for it", async () => {
  const towns = QUESTIONS.map(({ answers }) => answers[0]).join(" ");
  const knowing: Script = (request) =>
    read(request).label === "withheld" ? `Doc 1: ${towns}\nDoc 2: ${read(request).query}` : faithful(request, 0);
  const { shortfalls } = await audited(knowing);
  expect(shortfalls[0]).toBe(
    'Queries of kind "another question\'s", the truth withheld: 100 % of the pages hold an answer, at most 10 % may: a policy would be rewarded for asking anything.',
  );
});

test("a simulator that never tells the answer is refused, whether the real pages are known or not", async () => {
  const silent: Script = (request) => `Doc 1: nothing about ${read(request).query}\nDoc 2: nor ${read(request).label}`;
  expect((await audited(silent)).shortfalls).toEqual([
    "Of 30 deserving queries that the real engine answers, 0 % of the useful pages hold an answer, at least 60 % must: a policy that searches well would not be rewarded for it.",
  ]);
  const alone = await audited(silent, { real: undefined });
  expect(alone.shortfalls[0]).toMatch(/^Of 30 deserving queries, 0 % of the useful pages hold an answer/);
  expect(rowOf(alone, "question")?.real).toEqual({ count: 0 });
});

test("pages that can't be parsed, lack documents, repeat themselves or are all the same are told apart", async () => {
  const shortfallsOf = async (script: Script) => (await audited(script)).shortfalls;
  expect(await shortfallsOf((request, call) => (call % 4 === 0 ? "I can't." : faithful(request, call)))).toContainEqual(
    expect.stringMatching(/pages have as many documents as were asked for, at least 90 % must\.$/),
  );
  const short: Script = async (request) => (await faithful(request, 0)).split("\n")[0] ?? "";
  expect(await shortfallsOf(short)).toHaveLength(3); // each kind
  const repeating: Script = async (request) => {
    const [line = ""] = (await faithful(request, 0)).split("\n");
    return `${line}\n${line.replace("Doc 1", "Doc 2")}`;
  };
  expect(await shortfallsOf(repeating)).toContainEqual(
    "Of the documents on useful pages 50 % repeat another of their page, at most 20 % may.",
  );
  const towns = QUESTIONS.map(({ answers }) => answers[0]).join(" ");
  const constant: Script = (request) => `Doc 1: ${read(request).label === "useful" ? towns : "x"}\nDoc 2: y`;
  expect(await shortfallsOf(constant)).toContainEqual(
    "Of the useful pages 3 % are different ones, at least 80 % must be.",
  );
});

test("a kind of query may have bounds of its own, and a bound on what was not asked is no bound kept", async () => {
  const kinds = { question: { maxUsefulHits: 0.5 }, "skipped hop": { maxUsefulHits: 0.1 } };
  const { shortfalls } = await audited(faithful, { thresholds: thresholds({ kinds }) });
  expect(shortfalls).toEqual([
    'Queries of kind "question", the truth told: 100 % of the pages hold an answer, at most 50 % may.',
    'Queries of kind "skipped hop": there is a threshold for them, but none was asked.',
  ]);
});

test("kinds of few queries are judged together", async () => {
  const queries = QUESTIONS.map((question, i) => ({
    kind: `kind ${i % 3}`,
    question,
    query: question.text,
    shown: [],
  }));
  const leaky: Script = (request) => `Doc 1: ${read(request).answer}\nDoc 2: ${read(request).query}`;
  expect((await audited(leaky, { queries })).shortfalls).toEqual([
    expect.stringMatching(/^Queries of all kinds, the truth told: 100 % of the noisy pages hold an answer/),
  ]);
});

test("what was shown before, and pages that are known, are used", async () => {
  const [question] = QUESTIONS as [Question];
  const about = { kind: "second", question, query: "birthplace of Anna" };
  const queries = [
    { ...about, shown: [] },
    {
      ...about,
      query: "the birthplace of Anna",
      shown: [{ text: "Person0 is called Anna." }],
      documents: [{ text: "Town0" }],
    },
  ];
  const { rows } = await audited(faithful, { queries, real: undefined });
  expect(rows.map(({ isDeserved, real }) => [isDeserved, real.count, real.share])).toEqual([
    [true, 1, 1],
    [false, 0, undefined],
  ]);
});

test("a simulator or an engine that can't be reached is no simulator that falls short", async () => {
  const dead: Script = () => {
    throw new ChatModelError("nobody answers", { kind: "unreachable" });
  };
  await expect(audited(dead)).rejects.toThrow(SearchError);
});

test("a report is tables and a page of them, with every shortfall in a sentence", async () => {
  const silent: Script = (request) => `Doc 1: nothing about ${read(request).query}\nDoc 2: nor ${read(request).label}`;
  const report = await audited(silent);
  const [fidelity, pages] = auditTables(report);
  expect(fidelity?.rows[0]).toEqual(["question", "told", "30", "1.00", "0.00", "0.00", "1.00"]);
  expect(pages?.rows.map(([origin]) => origin)).toEqual(["real", "useful", "noisy", "withheld"]);
  for (const { head, rows } of [fidelity, pages].filter((table) => table !== undefined)) {
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([head.length]));
  }
  const page = auditMarkdown(report);
  expect(page).toContain(`- ${report.shortfalls[0]}`);
  expect(page).toContain("| question | told | 30 | 1.00 | 0.00 | 0.00 | 1.00 |");
  expect(auditMarkdown(await audited(faithful))).toContain("It keeps every threshold.");
});

test("a configuration names simulator, real engine and queries; the reference's prompt leaks where its model reads it", async () => {
  const questions = join(folder, "questions.jsonl");
  await writeQuestions(questions, QUESTIONS.slice(0, 8));
  const queries = join(folder, "queries.jsonl");
  const line = { kind: "near miss", question: "Where was Person1 born?", answers: ["Town1"], query: "Person111" };
  writeFileSync(queries, `${JSON.stringify(line)}\n`);
  /** Reads the answer out of any of the two prompts, as a model may. */
  await using server = await loopbackServer((response, { body }) => {
    const prompt = JSON.stringify(body);
    sendJson(response, completionBody(`Doc 1: ${/whose answer is (\w+)/.exec(prompt)?.[1]}\nDoc 2: x`));
  });
  const config = auditConfigSchema.parse({
    simulator: { engine: "simulator", model: { kind: "endpoint", urls: [server.baseUrl] }, prompt: "tuned" },
    real: { engine: "local", index: join(folder, "index.db") },
    queries,
    questions,
    topK: 2,
  });
  const report = await auditSimulator(config);
  expect(report.simulator).toMatchObject({ prompt: tunedSimulatorPrompt().identity, gate: "entityOverlapGate" });
  expect(report.real).toEqual({ name: "local", ...index.identity });
  expect(rowOf(report, "near miss")).toMatchObject({ queries: 1, isDeserved: false, useful: { share: 1 } });
  expect(report.shortfalls.join()).toContain("the truth withheld");
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  writeFileSync(queries, '{"kind": "near miss"}\n');
  await expect(auditSimulator(config)).rejects.toThrow(DataError);
  expect(() => auditConfigSchema.parse({ ...config, queries: [], questions: [] })).toThrow("there is nothing to ask");
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError, DataError } from "../core/errors.ts";
import { parseDocuments } from "../search/simulator/parse-documents.ts";
import { buildConfigSchema } from "./build-config.ts";
import { buildRecords, type SimulatorRecord } from "./build-records.ts";
import type { LabelledSearch } from "./labelled-search.ts";

const bridge: LabelledSearch = {
  questionId: "q",
  question: "When did the George Washington Bridge open?",
  answers: ["1931", "October 25, 1931"],
  source: "nq",
  query: "George Washington Bridge opening year",
  documents: [{ title: "George Washington Bridge", text: "It opened\nin 1931." }, { text: "Its towers are of steel." }],
  engine: {},
  sample: 0,
  turn: 0,
  label: "useful",
  judge: {},
};
const noisy: LabelledSearch = {
  ...bridge,
  documents: [{ text: "A bridge." }],
  label: "noisy",
  query: "Washington bridges",
};
/** Names nothing of the question: the gate withholds the truth. */
const undeserving: LabelledSearch = { ...noisy, query: "opening year" };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-build-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function built(lines: readonly LabelledSearch[], changes: object = {}) {
  const [searches, out] = [join(folder, `${files++}.jsonl`), join(folder, `${files++}.jsonl`)];
  writeFileSync(searches, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const summary = await buildRecords(
    buildConfigSchema.parse({ searches, out, isBalanced: false, addsNoise: false, ...changes }),
  );
  const text = readFileSync(out, "utf8").trimEnd();
  return { summary, records: text.split("\n").map((line) => JSON.parse(line) as SimulatorRecord) };
}

const promptOf = (record: SimulatorRecord | undefined) => record?.prompt.at(-1)?.content;

test("the prompt is the reference's to the byte, the completion a page as it is to be written", async () => {
  const { records } = await built([bridge, noisy], { answers: "first" });
  expect(records[0]).toEqual({
    prompt: [
      { role: "system", content: "" },
      {
        role: "user",
        content: `You are the Google search engine.
Given a query, you need to generate two useful documents for the query.

The user is trying to answer the question: "When did the George Washington Bridge open?" whose answer is 1931.
Each document should contain about 30 words, and these documents should contain useful information.

Query: George Washington Bridge opening year
Useful Output:
`,
      },
    ],
    completion: "Doc 1: (Title: George Washington Bridge) It opened in 1931.\nDoc 2: Its towers are of steel.",
    label: "useful",
    metadata: { questionId: "q", query: "George Washington Bridge opening year", isDeserved: true },
  });
  expect(promptOf(records[1])).toBe(`You are the Google search engine.
Given a query, you need to generate one noisy document for the query.

The user is trying to answer the question: "When did the George Washington Bridge open?" whose answer is 1931.
Each document should contain about 30 words, and these documents should contain noisy information.

Query: Washington bridges
Noisy Output:
`);
  expect(parseDocuments(records[0]?.completion ?? "", 5)).toHaveLength(2);
});

test("a page of five documents asks for five; more are cut", async () => {
  const documents = Array.from({ length: 9 }, (_, i) => ({ text: `Opened in 1931, says source ${i}.` }));
  const { records } = await built([{ ...bridge, documents }]);
  expect(promptOf(records[0])).toContain("generate five useful documents");
  expect(promptOf(records[0])).toContain("whose answer is 1931 or October 25, 1931.");
  expect(records[0]?.completion.split("\n")).toHaveLength(5);
});

test("where the gate withholds the truth the prompt is the withheld one, or the noisy one where there is none", async () => {
  const prompt = { useful: "u {query} {answer}", noisy: "n {query}", withheld: "? {query}" };
  const lines = [undeserving, { ...undeserving, label: "useful" as const, documents: [{ text: "Years and years." }] }];
  const { records, summary } = await built(lines, { prompt });
  expect(records.map(promptOf)).toEqual(["? opening year", "? opening year"]);
  expect(records.map(({ label }) => label)).toEqual(["noisy", "noisy"]);
  expect(summary).toMatchObject({ records: 2, useful: 0, noisy: 2, withheld: 2 });
  const { records: without } = await built([undeserving], { prompt: { useful: "u {query}", noisy: "n {query}" } });
  expect(promptOf(without[0])).toBe("n opening year");
  const { records: ungated } = await built([{ ...bridge, query: "opening year" }], { prompt, gate: "none" });
  expect(promptOf(ungated[0])).toBe("u opening year 1931");
});

test("what a rollout was shown before lets a later query deserve the truth", async () => {
  const first = { ...noisy, query: "Hudson River Bridge", documents: [{ text: "Othmar Ammann built it." }] };
  const second = { ...bridge, query: "Ammann opening", turn: 1 };
  const { records } = await built([first, second]);
  expect(records[1]).toMatchObject({ label: "useful", metadata: { isDeserved: true } });
  const { summary } = await built([first, { ...second, sample: 1 }]); // another rollout has been shown nothing
  expect(summary).toMatchObject({ records: 1, leftOut: { leaking: 1 } });
});

test("what can't be learned from is left out and counted", async () => {
  const { summary } = await built([
    bridge,
    bridge,
    { ...bridge, label: null, failure: { kind: "unparsable", message: "?" } } as LabelledSearch,
    { ...noisy, documents: [] },
    { ...noisy, documents: [{ text: "" }] },
    { ...bridge, label: "noisy" },
    { ...undeserving, documents: [{ text: "In 1931." }] },
    noisy,
  ]);
  expect(summary).toEqual({
    searches: 8,
    records: 2,
    useful: 1,
    noisy: 1,
    withheld: 0,
    added: 0,
    leftOut: { unlabelled: 1, empty: 2, leaking: 2, repeated: 1, balanced: 0 },
  });
});

test("a page that tells the answer gets a noisy one beside it, of whatever else was found and holds no answer", async () => {
  const lines = [bridge, { ...noisy, documents: [{ text: "Othmar Ammann built the George Washington Bridge." }] }];
  const { records, summary } = await built(lines, { addsNoise: true, topK: 1 });
  expect(records.map(({ label, completion }) => ({ label, completion }))).toEqual([
    { label: "useful", completion: "Doc 1: (Title: George Washington Bridge) It opened in 1931." },
    { label: "noisy", completion: "Doc 1: Othmar Ammann built the George Washington Bridge." },
    { label: "noisy", completion: "Doc 1: Othmar Ammann built the George Washington Bridge." },
  ]);
  expect(promptOf(records[1])).toBe(promptOf(records[0])?.replaceAll("useful", "noisy").replace("Useful", "Noisy"));
  expect(summary).toMatchObject({ useful: 1, noisy: 2, withheld: 0, added: 1 });
});

test.each([
  ["where nothing else was found", [bridge]],
  ["beside a useful page that holds no answer", [{ ...bridge, documents: [{ text: "A long bridge." }] }, noisy]],
  ["of blank documents", [bridge, { ...noisy, documents: [{ text: " " }] }]],
])("no noise is added %s", async (_, lines) => {
  const { summary } = await built(lines, { addsNoise: true, topK: 1 });
  expect(summary).toMatchObject({ useful: 1, added: 0 });
});

test("where no search found anything, what there is is counted", async () => {
  await expect(built([{ ...bridge, documents: [] }], { addsNoise: true })).rejects.toThrow(
    "no record comes of 1 searches",
  );
});

test("balanced records are as many of each label, drawn by the seed, in the order of the searches", async () => {
  const lines = Array.from({ length: 30 }, (_, i) => ({
    ...(i < 6 ? bridge : noisy),
    query: `Washington Bridge ${i}`,
  }));
  const balanced = (seed: number) => built(lines, { isBalanced: true, seed });
  const { records, summary } = await balanced(1);
  expect(summary).toMatchObject({ records: 12, useful: 6, noisy: 6, leftOut: { balanced: 18 } });
  const numbers = records.map(({ metadata }) => Number(metadata.query.split(" ").at(-1)));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(await balanced(1)).toEqual({ records, summary });
  expect((await balanced(2)).records).not.toEqual(records);
});

test("no record, an unknown gate and a template without a query are refused", async () => {
  await expect(built([noisy], { isBalanced: true })).rejects.toThrow(DataError);
  await expect(built([noisy], { isBalanced: true })).rejects.toThrow("(0 useful, 1 noisy usable)");
  await expect(built([noisy], { gate: "strict" })).rejects.toThrow(
    'gate is "strict", which is none of entity-overlap, none',
  );
  await expect(built([noisy], { prompt: { useful: "u", noisy: "n" } })).rejects.toThrow(ConfigError);
});

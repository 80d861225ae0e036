import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FtsIndex, loadQuestions } from "@zerosearch/zerosearch";
import { afterAll, describe, expect, test } from "vitest";
import { makeQuery, type QueryKind } from "../pretrain/queries.ts";
import { allNames, namesIn } from "./names.ts";
import { sourceOf, toQuestion, type WorldQuestion } from "./questions.ts";
import { RandomStream } from "./random-stream.ts";
import { RELATIONS } from "./relations.ts";
import { makePart, makeParts, namesOf, SPLITS } from "./splits.ts";
import { World } from "./world.ts";
import { writeWorld } from "./write-world.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-world-"));
afterAll(() => rmSync(folder, { recursive: true }));

const parts = makeParts();

test("the same seed makes the same world to the byte, another seed another", async () => {
  const [first, second] = [await writeWorld(join(folder, "a")), await writeWorld(join(folder, "b"))];
  for (const key of ["corpus", ...SPLITS] as const) {
    expect(readFileSync(first[key]).equals(readFileSync(second[key]))).toBe(true);
  }
  const counts = { person: 3, city: 3, country: 3, company: 3, book: 3 };
  expect(new World(1, counts, allNames()).facts).not.toEqual(new World(2, counts, allNames()).facts);
});

test.each(["jsonl", "parquet"] as const)(
  "the product reads its %s files back as the questions they were",
  async (format) => {
    const files = await writeWorld(join(folder, format), format);
    for (const split of SPLITS) {
      const { questions, skipped } = await loadQuestions(files[split]);
      expect(skipped).toEqual([]);
      expect(questions).toEqual(parts[split].questions.map(toQuestion));
    }
  },
);

test("no entity of one split occurs in another, in questions, answers or documents", () => {
  const seen = SPLITS.map((split) => {
    const { passages, questions } = parts[split];
    const texts = [...passages.map(({ text }) => text), ...questions.flatMap(({ text, answer }) => [text, answer])];
    return namesIn(texts.join("\n"));
  });
  const all = seen.flat();
  expect(new Set(all).size).toBe(all.length);
  for (const [i, split] of SPLITS.entries()) expect(namesOf(split)).toEqual(expect.arrayContaining(seen[i] ?? []));
});

test("there are 1,225 names, each of which is found in a text, and nothing else is", () => {
  const names = allNames();
  expect(new Set(names).size).toBe(35 * 35);
  expect(namesIn(names.join(", "))).toEqual(names);
  expect(namesIn("Many people in The country; Doc 1: Where was it?")).toEqual([]);
});

describe.each(SPLITS)("%s", (split) => {
  const { world, passages, questions } = makePart(split);
  test("every question can be answered from the corpus, hop by hop", () => {
    const sentences = new Set(passages.map(({ text }) => text));
    const isStated = (relation: keyof typeof RELATIONS, subject: string, object: string): boolean =>
      RELATIONS[relation].statements.some((statement) =>
        sentences.has(statement.replace("{s}", subject).replace("{o}", object)),
      );
    for (const { relations, subject, bridge, answer } of questions) {
      const [first, second] = relations;
      expect(isStated(first, subject, bridge ?? answer)).toBe(true);
      if (second) expect(bridge !== undefined && isStated(second, bridge, answer)).toBe(true);
    }
  });

  test("ids are unique, and every entity has the type its relations demand", () => {
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
    expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    for (const { relation, subject, object } of world.facts) {
      expect(world.typeOf(subject)).toBe(RELATIONS[relation].subject);
      expect(world.typeOf(object)).toBe(RELATIONS[relation].object);
    }
  });
});

test("development and test hold 150 questions of each kind", () => {
  for (const split of ["development", "test"] as const) {
    const sources = parts[split].questions.map(sourceOf);
    expect(sources.filter((source) => source === "one-hop")).toHaveLength(150);
    expect(sources).toHaveLength(300);
  }
});

test("BM25 finds what a sensible query seeks, and not what a skipped hop leaves out", async () => {
  const engine = await FtsIndex.build(SPLITS.flatMap((split) => parts[split].passages));
  const recall = async (hops: 1 | 2, kind: QueryKind, sought: "answer" | "bridge"): Promise<number> => {
    const random = new RandomStream(["recall", kind]);
    const questions = parts.development.questions.filter(({ relations }) => relations.length === hops);
    const isFound = async (question: WorldQuestion): Promise<boolean> => {
      const { query } = makeQuery(kind, question, parts.development.world, random);
      const documents = await engine.search(query, { topK: 5 });
      return documents.some(({ text }) => namesIn(text).includes(question[sought] ?? ""));
    };
    const found = await Promise.all(questions.map(isFound));
    return found.filter(Boolean).length / found.length;
  };
  expect(await recall(1, "first-hop", "answer")).toBeGreaterThan(0.9);
  expect(await recall(2, "first-hop", "bridge")).toBeGreaterThan(0.9);
  expect(await recall(2, "second-hop", "answer")).toBeGreaterThan(0.7);
  expect(await recall(2, "skipped-hop", "answer")).toBeLessThan(0.1);
  await engine.close();
});

test("a world needs a name for every entity", () => {
  const counts = { person: 2, city: 2, country: 1, company: 1, book: 1 };
  expect(() => new World(0, counts, allNames().slice(0, 6))).toThrow(/7 entities needs as many names, got 6/);
});

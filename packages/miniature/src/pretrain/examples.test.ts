import { beforeAll, describe, expect, test } from "vitest";
import { makeTokenizer } from "../tokenizer.ts";
import { namesIn } from "../world/names.ts";
import { RandomStream } from "../world/random-stream.ts";
import { namesOf } from "../world/splits.ts";
import { baseText } from "./base-examples.ts";
import { NamePatterns, type TextPart } from "./name-pattern.ts";
import { policyText } from "./policy-examples.ts";
import { simulatorExample } from "./simulator-examples.ts";
import { anyQuestion, type TrainingWorld, trainingWorld } from "./training-worlds.ts";

const tokenizer = makeTokenizer();
const patterns = new NamePatterns(tokenizer, namesOf("train"));
const habits = {
  guessOneHop: 0.2,
  guessTwoHop: 0.2,
  goodQuery: 0.7,
  questionAsQuery: 0.1,
  takeAnswer: 0.6,
  takeAnyName: 0.25,
  secondHop: 0.6,
  answerBridge: 0.25,
};
let source: TrainingWorld;
beforeAll(async () => {
  source = await trainingWorld("examples.test");
});

describe("name patterns", () => {
  const parts: TextPart[] = [
    { text: "Question: Who wrote Lema?\n", weight: 0 },
    { text: " <answer> Fezo </answer> Lema", weight: 1 },
  ];

  test("hold places instead of names, the same place for the same name", () => {
    const [one = "", two = ""] = namesOf("test");
    const named = parts.map((part) => ({ ...part, text: part.text.replace("Lema", one).replace("Fezo", two) }));
    const { tokens, weights, names } = patterns.read(named);
    expect(names).toEqual([one, two]);
    expect(tokens.filter((token) => token < 0)).toEqual([-1, -2, -3, -4, -1, -2]);
    expect(weights).toHaveLength(tokens.length);
    expect(tokens.at(-1)).toBe(tokenizer.eosId);
  });

  test("are filled with different training names each time, everything else as it was", () => {
    const random = new RandomStream(["fill"]);
    const [one = "", two = ""] = namesOf("test");
    const pattern = patterns.read([{ text: `Question: Who wrote ${one}?\n <answer> ${two} </answer>`, weight: 1 }]);
    const texts = Array.from({ length: 50 }, () => tokenizer.decode(patterns.fill(pattern, random).tokens));
    const training = new Set(namesOf("train"));
    for (const text of texts) {
      const names = namesIn(text);
      expect(names).toHaveLength(2);
      expect(names.every((name) => training.has(name))).toBe(true);
      expect(text.replace(names[0] ?? "", one).replace(names[1] ?? "", two)).toBe(
        `Question: Who wrote ${one}?\n <answer> ${two} </answer><|endoftext|>`,
      );
    }
    expect(new Set(texts).size).toBeGreaterThan(45);
  });
});

test("a base text says nothing the second time that it did not say the first", () => {
  const random = new RandomStream(["base"]);
  for (let i = 0; i < 200; i++) {
    const [told, ...again] = baseText(namesOf("train"), random);
    const known = new Set(namesIn(told?.text ?? ""));
    expect(again.flatMap(({ text }) => namesIn(text)).filter((name) => !known.has(name))).toEqual([]);
  }
});

test("a trajectory is prompt, searches with their pages, one answer; corrections and their causes are not learned", async () => {
  const random = new RandomStream(["policy"]);
  const action = / <search> [^<>]+ <\/search>$/;
  for (let i = 0; i < 300; i++) {
    const [prompt, ...turns] = await policyText(source, anyQuestion(source, 0.5, random), habits, random);
    expect(prompt?.text).toMatch(/^Question: .*\?\n$/);
    expect(turns.at(-1)?.text).toMatch(/^<think> .* <\/think> <answer> [A-Z][a-z]{3} <\/answer>$/);
    const learned = turns.slice(0, -1).filter(({ weight }) => weight > 0);
    expect(learned.length % 2).toBe(0);
    expect(learned.length).toBeLessThanOrEqual(8);
    for (const [j, { text }] of learned.entries()) {
      expect(text).toMatch(j % 2 === 0 ? action : /^\n\n<information>Doc 1: .*\nDoc 5: .*<\/information>\n\n$/s);
    }
  }
});

describe("simulator examples", () => {
  const decoded = async (count: number): Promise<{ prompt: string; page: string; answer: string }[]> => {
    const random = new RandomStream(["simulator"]);
    const examples = [];
    for (let i = 0; i < count; i++) {
      const question = anyQuestion(source, 0.6, random);
      const { tokens, weights, names } = await simulatorExample({ ...source, patterns }, question, random);
      const text = (from: number, to: number): string =>
        tokenizer.decode(tokens.slice(from, to).flatMap((token) => (token < 0 ? spell(names, token) : token)));
      const start = weights.findIndex((weight) => weight > 0);
      examples.push({ prompt: text(0, start), page: text(start, tokens.length - 1), answer: question.answer });
    }
    return examples;
  };
  const spell = (names: readonly string[], token: number): number[] => {
    const ids = tokenizer.encode(` ${names[Math.floor((-1 - token) / 2)]}`, { allowSpecial: false });
    return ids.slice((-1 - token) % 2, ((-1 - token) % 2) + 1);
  };

  test("are a prompt without weight and a page of five documents with it", async () => {
    for (const { prompt, page } of await decoded(300)) {
      expect(prompt).toMatch(/^(Useful|Noisy) documents\. Question: .*\? Truth: (\?|[A-Z][a-z]{3}) Query: .*\n$/);
      expect(page).toMatch(/^Doc 1: .*\nDoc 2: .*\nDoc 3: .*\nDoc 4: .*\nDoc 5: .*$/);
    }
  });

  test("never hold the answer on a noisy page", async () => {
    const noisy = (await decoded(400)).filter(({ prompt }) => prompt.startsWith("Noisy"));
    expect(noisy.length).toBeGreaterThan(100);
    expect(noisy.filter(({ page, answer }) => namesIn(page).includes(answer))).toEqual([]);
  });
});

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../core/errors.ts";
import {
  instructSimulatorPrompt,
  type PromptContext,
  templatePrompt,
  tunedSimulatorPrompt,
  writeAnswers,
} from "./simulator-prompts.ts";

const context: PromptContext = {
  query: "Solaris novel author",
  question: 'who wrote "Solaris"?',
  answers: ["Stanisław Lem"],
  count: 5,
};

const textOf = (messages: readonly { content: string }[]) => messages.at(-1)?.content ?? "";

describe("the reference's prompts", () => {
  /** Length in bytes and SHA-256 of the specification's text, filled in by a Python script. */
  test.each([
    [
      "simulate_sft useful",
      tunedSimulatorPrompt().useful,
      350,
      "7182a0a0ce13ec734d12393521617ba188b6d58dca29d418fdf0b906611846ed",
    ],
    [
      "simulate_sft noisy",
      tunedSimulatorPrompt().noisy,
      347,
      "0e3cdb6d01accca68dda91b779b72b7ddaa110fa92f2407d68830f06cc40a128",
    ],
    [
      "simulate_prompt useful",
      instructSimulatorPrompt().useful,
      1557,
      "26b4dc2cc9f23b4f59e16692ddf120f607a10a15b41d5b8cf7e15685706007d5",
    ],
    [
      "simulate_prompt noisy",
      instructSimulatorPrompt().noisy,
      1565,
      "1d04079f492bbfb91dad50ee910564bb3b6bd2883bf00df75331d347ecdf1b12",
    ],
  ])("%s is right to the byte", (_, prompt, bytes, hash) => {
    const content = Buffer.from(textOf(prompt(context)));
    expect([content.length, createHash("sha256").update(content).digest("hex")]).toEqual([bytes, hash]);
  });

  test("an empty system message comes first", () => {
    expect(tunedSimulatorPrompt().useful(context)).toEqual([
      { role: "system", content: "" },
      { role: "user", content: expect.any(String) },
    ]);
  });

  test("only the prompted noisy one hides question and answer", () => {
    const hidden = ['Solaris"?', "Lem"];
    for (const text of hidden) {
      expect(textOf(instructSimulatorPrompt().noisy(context))).not.toContain(text);
      expect(textOf(instructSimulatorPrompt().useful(context))).toContain(text);
      expect(textOf(tunedSimulatorPrompt().noisy(context))).toContain(text);
    }
  });

  test.each([
    [1, "generate one useful document for the query", 1],
    [3, "generate three useful documents for the query", 3],
    [20, "generate twenty useful documents for the query", 5],
    [21, "generate 21 useful documents for the query", 5],
  ])("asks for %i documents in these words, with as many in its example as there are", (count, words, shown) => {
    expect(textOf(tunedSimulatorPrompt().useful({ ...context, count }))).toContain(words);
    const text = textOf(instructSimulatorPrompt().useful({ ...context, count }));
    expect(text).toContain(words);
    expect(text.match(/^Doc \d+: /gmu)).toHaveLength(shown);
  });
});

describe("several golden answers", () => {
  const several = { ...context, answers: ["Stanisław Lem", "Lem", "the Lem!", "S. Lem"] };

  test("all are told, each once however it is spelt, or the first alone as in the reference", () => {
    expect(textOf(tunedSimulatorPrompt().useful(several))).toContain(
      "whose answer is Stanisław Lem or Lem or S. Lem.\n",
    );
    expect(textOf(instructSimulatorPrompt({ answers: "first" }).useful(several))).toContain(
      "whose answer is Stanisław Lem.\n",
    );
  });

  test("of hundreds of aliases the first ten are written", () => {
    const aliases = Array.from({ length: 300 }, (_, i) => `alias ${i}`);
    expect(writeAnswers(aliases).split(" or ")).toEqual(aliases.slice(0, 10));
  });

  test("answers of which normalisation leaves nothing are told as they are", () => {
    expect(writeAnswers(["The The", "A", "?"])).toBe("The The or A or ?");
  });
});

describe("templates", () => {
  test("are filled in one pass, so that what they are filled with stays what it is", () => {
    const prompt = templatePrompt({
      useful: "{count} of {query}; {question} {answer} / {answers}",
      noisy: "{query}",
      withheld: "{query} ?",
    });
    const given = { ...context, query: "{answer} $&", answers: ["x", "y"], count: 2 };
    expect(textOf(prompt.useful(given))).toBe('two of {answer} $&; who wrote "Solaris"? x / x or y');
    expect(textOf(prompt.noisy(given))).toBe("{answer} $&");
    expect(textOf(prompt.withheld?.(given) ?? [])).toBe("{answer} $& ?");
    expect(templatePrompt({ useful: "{query}", noisy: "{query}" }).withheld).toBeUndefined();
  });

  test("with an unknown placeholder, or without the query, are refused by name", () => {
    expect(() => templatePrompt({ useful: "{query} {topic}", noisy: "{query}" })).toThrow(/useful.*\{topic\}/);
    expect(() => templatePrompt({ useful: "{query}", noisy: "noise" })).toThrow(/noisy.*\{query\}/);
    expect(() => templatePrompt({ useful: "{query}", noisy: "{query}", withheld: "" })).toThrow(ConfigError);
  });
});

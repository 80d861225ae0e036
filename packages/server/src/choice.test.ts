import { setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readChoice } from "./choice.ts";
import { tinyModel } from "./testing/tiny-model.ts";

let model: ReturnType<typeof tinyModel>;
beforeAll(() => {
  setThreads(1);
  model = tinyModel();
});
afterAll(() => model[Symbol.dispose]());

async function read(stops: readonly string[], seed: number, endIds: ReadonlySet<number> = new Set()) {
  const { engine, tokenizer } = model;
  const prompt = tokenizer.encode("the book", { allowSpecial: false });
  const stopIds = [...endIds];
  const generation = engine.add({ prompt, maxTokens: 60, seed, stopStrings: stops, stopIds });
  const pieces = readChoice(generation, { tokenizer, stops, endIds });
  const [texts, ids]: [string[], number[]] = [[], []];
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { texts, ids, text: texts.join(""), end: next.value, generated: await generation.result };
    texts.push(next.value.text);
    ids.push(...next.value.tokens.map(({ id }) => id));
  }
}

test("the pieces of a text without stops are what the tokenizer makes of all its tokens, control tokens left out", async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { text, ids, generated } = await read([], seed);
    const all = generated.tokens.map(({ id }) => id);
    expect(ids).toEqual(all);
    const visible = model.tokenizer.specialIds;
    // Between control tokens every stretch is decoded for itself: a broken character does not reach across one.
    const stretches: number[][] = [[]];
    for (const id of all) visible.has(id) ? stretches.push([]) : stretches.at(-1)?.push(id);
    expect(text).toBe(stretches.map((stretch) => model.tokenizer.decode(stretch)).join(""));
  }
});

test("every stop string taken from a text cuts it there, and only tokens that began before are told", async () => {
  const free = await read([], 3);
  for (let at = 1; at + 3 < Math.min(free.text.length, 40); at += 2) {
    const stop = free.text.slice(at, at + 3);
    if (/\p{Surrogate}|\ufffd/u.test(stop)) continue;
    const cut = await read([stop], 3);
    expect(cut.end).toEqual({ kind: "stop-string", text: stop });
    expect(cut.text).toBe(free.text.slice(0, free.text.indexOf(stop)));
    expect(free.ids.slice(0, cut.ids.length)).toEqual(cut.ids);
    const untouched = model.tokenizer.decode(cut.ids.slice(0, -1), { skipSpecial: true });
    expect(cut.text.startsWith(untouched.replace(/\ufffd+$/, ""))).toBe(true);
  }
});

test("a token that ends the text is neither shown nor told", async () => {
  const free = await read([], 5);
  const last = free.ids[7] ?? 0;
  const first = free.ids.indexOf(last);
  const { end, ids, text } = await read([], 5, new Set([last]));
  expect(end).toEqual({ kind: "stop-id", id: last });
  expect(ids).toEqual(free.ids.slice(0, first));
  expect(text).toBe(model.tokenizer.decode(free.ids.slice(0, first), { skipSpecial: true }));
});

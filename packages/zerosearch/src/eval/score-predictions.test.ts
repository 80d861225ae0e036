import { expect, test } from "vitest";
import { DataError } from "../core/errors.ts";
import { textLines } from "../data/text-lines.ts";
import { scorePredictions } from "./score-predictions.ts";

const line = (prediction: unknown, answers: unknown) => JSON.stringify({ prediction, answers });

test("means over all lines, by hand; a missing prediction is a wrong one", async () => {
  const lines = [
    line("The Paris", ["Paris"]), // 1, 1, 1
    line("not Paris but Lyon", ["Paris", "Nice"]), // 0, 1, 2/5
    "",
    line(null, ["Paris"]), // 0, 0, 0
    line("Rome", ["Paris"]), // 0, 0, 0
  ];
  expect(await scorePredictions(lines)).toEqual({
    n: 4,
    exactMatch: 0.25,
    coverExactMatch: 0.5,
    f1: 0.35,
    answered: 0.75,
  });
});

test("lines may come as bytes, in pieces, with separators in their strings", async () => {
  async function* bytes() {
    const whole = new TextEncoder().encode(`${line("é\u2028", ["É"])}\r\n${line("x", ["y"])}`);
    for (const byte of whole) yield Uint8Array.of(byte);
  }
  expect(await scorePredictions(textLines(bytes()))).toMatchObject({ n: 2, exactMatch: 0.5, f1: 0.5 });
});

test("malformed lines are an error that lists them by number, whatever the others hold", async () => {
  const bad = ["{", "5", line(7, ["x"]), line("x", []), line("x", "x"), line("x", [" "]), '{"answers": ["x"]}'];
  const run = scorePredictions([line("x", ["x"]), ...bad]);
  await expect(run).rejects.toThrow(DataError);
  await expect(run).rejects.toThrow(/^7 malformed lines/);
  for (const [index, problem] of ["is no JSON", "line: ", "prediction: ", "answers: must hold an answer"].entries()) {
    await expect(run).rejects.toThrow(`line ${index + 2}: ${problem}`);
  }
  await expect(run).rejects.toThrow("line 7: answers.0: must not be blank");
  await expect(scorePredictions(Array(12).fill("{"))).rejects.toThrow(/line 10: .*\n {2}… and 2 more$/);
});

test("no predictions are an error", async () => {
  await expect(scorePredictions(["", " "])).rejects.toThrow(/there are no predictions/);
});

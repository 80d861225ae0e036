import { expect, test } from "vitest";
import { normalizeAnswer } from "./normalize-answer.ts";

/** Made by Python 3.11 with SQuAD's normalisation: lower, without string.punctuation, re.sub(r"\b(a|an|the)\b", " "), split and join. */
const BY_PYTHON: readonly [string, string][] = [
  ["The Emmanuel Macron!", "emmanuel macron"],
  ["the", ""],
  ["", ""],
  ["An apple a day, the doctor's", "apple day doctors"],
  ["à la carte", "à la carte"],
  ["Señá a b", "señá b"],
  ["U.S.A.", "usa"],
  ["  a\tb\u001cc\u0085d\u3000e\ufefff ", "b c d e\ufefff"],
  ["“The” End—the end", "“ ” end— end"],
  ["a_the_b", "atheb"],
  ["the\u0301 x", "\u0301 x"],
  ["ÅNGSTRÖM the İstanbul", "ångström i\u0307stanbul"],
  ["2 a 3a a3", "2 3a a3"],
  ["²a a²", "²a a²"],
  ["ΟΔΟΣ a", "οδος"],
  [" \u2028the\u2029x", "x"],
  ["state-of-the-art", "stateoftheart"],
  ["New York (city)", "new york city"],
];

test.each(BY_PYTHON)("%j is normalised as Python does it", (text, expected) => {
  expect(normalizeAnswer(text)).toBe(expected);
});

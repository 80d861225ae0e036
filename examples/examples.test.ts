import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** Runs an example, which is a program, by importing it; returns the lines it prints. */
async function linesOf(example: string): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: unknown) => lines.push(String(line)));
  await import(example);
  return lines;
}

test("01-tensor learns to tell the spirals apart and draws them", async () => {
  const lines = await linesOf("./01-tensor.ts");
  const right = /right on unseen points (?<share>[\d.]+) %/.exec(lines[4] ?? "")?.groups?.share;
  expect(Number(right)).toBeGreaterThan(95);
  const picture = lines.slice(5);
  expect(picture).toHaveLength(21);
  expect(picture.join("")).toMatch(/█ +█ +█/);
});

test("02-generate learns a rhyme and recites it from a saved model", async () => {
  const lines = await linesOf("./02-generate.ts");
  expect(lines.at(-1)).toBe(
    "One is the sun, two is a shoe, three is a tree, four is a door, five is a hive, six is a pile of sticks.",
  );
});

test("04-train-tiny learns by reinforcement to look things up", async () => {
  const lines = await linesOf("./04-train-tiny.ts");
  const rewards = lines.map((line) => Number(/^step \d+ {2}reward (?<reward>\d\.\d\d)$/.exec(line)?.groups?.reward));
  expect(rewards).toHaveLength(15);
  const meanOf = (some: readonly number[]): number => some.reduce((sum, reward) => sum + reward, 0) / some.length;
  expect(meanOf(rewards.slice(-3))).toBeGreaterThan(meanOf(rewards.slice(0, 2)) + 0.25);
});

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bestStep, findLastGoodCheckpoint, saveToStore, stepsIn } from "./checkpoint-store.ts";

let root = "";
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), "zerosearch-store-")), "checkpoints");
});
afterEach(() => rmSync(join(root, ".."), { recursive: true }));

interface Saving {
  score?: number;
  keepLast?: number;
  content?: string;
}

function save(step: number, { score, keepLast = 10, content = `weights of ${step}` }: Saving = {}): Promise<string> {
  return saveToStore(root, {
    step,
    keepLast,
    ...(score === undefined ? {} : { score }),
    write: (folder) => {
      mkdirSync(join(folder, "policy"));
      writeFileSync(join(folder, "policy/model.bin"), content);
    },
  });
}

test("the last checkpoint is found, with its files as they were written", async () => {
  await save(1);
  const path = await save(2, { score: 0.5 });
  const { checkpoint, problems } = findLastGoodCheckpoint(root);
  expect(checkpoint).toEqual({ path, step: 2, score: 0.5 });
  expect(problems).toEqual([]);
  expect(readFileSync(join(path, "policy/model.bin"), "utf8")).toBe("weights of 2");
});

test("where there are none, none is found", () => {
  expect(findLastGoodCheckpoint(root)).toEqual({ checkpoint: undefined, problems: [] });
});

const DAMAGES: Record<string, { harm: (file: string) => void; told: RegExp }> = {
  truncated: { harm: (file) => truncateSync(file, 3), told: /model\.bin has 3 bytes, expected 12/ },
  "one flipped bit": {
    harm: (file) => {
      const bytes = readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
      writeFileSync(file, bytes);
    },
    told: /model\.bin has changed/,
  },
  longer: { harm: (file) => appendFileSync(file, "!"), told: /has 13 bytes/ },
  missing: { harm: (file) => rmSync(file), told: /model\.bin is missing/ },
  "without manifest": { harm: (file) => rmSync(join(file, "../../manifest.json")), told: /manifest\.json is missing/ },
  "torn manifest": {
    harm: (file) => truncateSync(join(file, "../../manifest.json"), 20),
    told: /manifest\.json can't be read/,
  },
  "empty manifest": {
    harm: (file) => writeFileSync(join(file, "../../manifest.json"), "null"),
    told: /manifest\.json has format undefined/,
  },
};

test.each(Object.entries(DAMAGES))("a damaged checkpoint is passed over and named: %s", async (_, { harm, told }) => {
  await save(1);
  const damaged = await save(2);
  harm(join(damaged, "policy/model.bin"));
  const { checkpoint, problems } = findLastGoodCheckpoint(root);
  expect(checkpoint?.step).toBe(1);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(told);
  expect(problems[0]).toContain(damaged);
});

test("the last few and the best stay", async () => {
  const scores = [0.1, 0.9, 0.3, 0.9, 0.2, 0.4, 0.5];
  for (const [i, score] of scores.entries()) await save(i + 1, { score, keepLast: 2 });
  expect(stepsIn(root)).toEqual([2, 6, 7]);
  expect(bestStep(root)).toBe(2);
  expect(JSON.parse(readFileSync(join(root, "best.json"), "utf8"))).toEqual({ step: 2, score: 0.9 });
});

test("checkpoints without a score never become the best", async () => {
  for (const step of [1, 2, 3]) await save(step, { keepLast: 1 });
  expect(stepsIn(root)).toEqual([3]);
  expect(bestStep(root)).toBeUndefined();
});

test("a run that went back behind a damaged checkpoint does not lose its new ones to rotation", async () => {
  await save(10);
  await save(30);
  truncateSync(join(root, "step-00000030/policy/model.bin"), 0);
  await save(20, { keepLast: 1 });
  expect(stepsIn(root)).toEqual([20]);
  expect(findLastGoodCheckpoint(root).checkpoint?.step).toBe(20);
});

test("a step that is saved again replaces what was there", async () => {
  await save(1, { content: "old" });
  const path = await save(1, { content: "new" });
  expect(readFileSync(join(path, "policy/model.bin"), "utf8")).toBe("new");
  expect(readdirSync(root)).toEqual(["step-00000001"]);
});

test("what a killed save left is cleaned, and a checkpoint that was being replaced comes back", async () => {
  await save(1);
  renameSync(join(root, "step-00000001"), join(root, ".replaced-step-00000001"));
  mkdirSync(join(root, ".saving-step-00000002"));
  writeFileSync(join(root, "best.json.writing-1"), "{");
  expect(findLastGoodCheckpoint(root).checkpoint?.step).toBe(1);
  expect(readdirSync(root)).toEqual(["step-00000001"]);
});

test("a save that fails leaves the earlier checkpoints and nothing of its own", async () => {
  await save(1);
  const failing = saveToStore(root, {
    step: 2,
    keepLast: 1,
    write: (folder) => {
      writeFileSync(join(folder, "half"), "x");
      throw new Error("out of luck");
    },
  });
  await expect(failing).rejects.toThrow(/can't save the checkpoint .*step-00000002: out of luck/);
  expect(readdirSync(root)).toEqual(["step-00000001"]);
});

test.skipIf(!existsSync("/dev/full"))("on a full disk the error says so, with the path", async () => {
  await save(1);
  const write = () => writeFileSync("/dev/full", "x");
  const failing = saveToStore(root, { step: 2, keepLast: 1, write });
  await expect(failing).rejects.toThrow(/step-00000002: the disk is full: free some space.*\(ENOSPC\)/);
  expect(findLastGoodCheckpoint(root).checkpoint?.step).toBe(1);
});

test("keepLast below 1 and a score that is no number are refused", async () => {
  await expect(save(1, { keepLast: 0 })).rejects.toThrow(/keepLast must be an integer of at least 1, got 0/);
  await expect(save(1, { score: Number.NaN })).rejects.toThrow(/score/);
});

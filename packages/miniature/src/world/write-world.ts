/** The world as the files that every command of the product reads: one corpus, and a file of questions per split. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeQuestions } from "@zerosearch/zerosearch";
import { toQuestion } from "./questions.ts";
import { makeParts, SPLITS, type Split } from "./splits.ts";

/** How questions are stored. */
export type QuestionFormat = "jsonl" | "parquet";

/** Where the files are. */
export interface WorldFiles extends Readonly<Record<Split, string>> {
  /** JSON lines of `{ id, text }`: the passages of all splits, in which the real engine searches. */
  readonly corpus: string;
}

/** Where the files of a world lie in its folder. */
export function worldFiles(folder: string, format: QuestionFormat = "jsonl"): WorldFiles {
  const pathOf = (split: Split): string => join(folder, `${split}.${format}`);
  return {
    corpus: join(folder, "corpus.jsonl"),
    train: pathOf("train"),
    development: pathOf("development"),
    test: pathOf("test"),
  };
}

/** Writes the world into a folder, which is made if need be. The same files every time, to the byte. */
export async function writeWorld(folder: string, format: QuestionFormat = "jsonl"): Promise<WorldFiles> {
  await mkdir(folder, { recursive: true });
  const parts = makeParts();
  const files = worldFiles(folder, format);
  const passages = SPLITS.flatMap((split) => parts[split].passages);
  await writeFile(files.corpus, passages.map((passage) => `${JSON.stringify(passage)}\n`).join(""));
  for (const split of SPLITS) await writeQuestions(files[split], parts[split].questions.map(toQuestion), { split });
  return files;
}

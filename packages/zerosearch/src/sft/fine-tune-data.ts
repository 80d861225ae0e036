/** The records of a configuration as tokens, divided into what is learned and what only measures. */
import { createHash } from "node:crypto";
import type { Tokenizer } from "@zerosearch/lm";
import { DataError } from "../core/errors.ts";
import type { FineTuneConfig } from "./fine-tune-config.ts";
import type { Example } from "./fine-tune-step.ts";
import type { FineTuneRecord } from "./record-row.ts";
import { readRecords } from "./records.ts";
import { balanceLabels, splitRecords } from "./records-sampling.ts";
import { tokenizeRecords } from "./tokenize-records.ts";

export interface FineTuneData {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** Records left out because they are too long. */
  readonly skippedCount: number;
  /** Tells whether a resumed run has the data that it was begun with. */
  readonly fingerprint: string;
}

/** @throws {DataError} a file can't be read, a row is no record or too long, or nothing is left to learn from */
export async function loadFineTuneData(
  { data, seed }: Pick<FineTuneConfig, "data" | "seed">,
  tokenizer: Tokenizer,
): Promise<FineTuneData> {
  const { validation: from, balance, maxTokens, overLong } = data;
  const records = await readAll(data.files);
  const split =
    "share" in from
      ? splitRecords(records, { validationShare: from.share, seed })
      : { train: records, validation: await readAll(from.files) };
  const learned = balance ? balanceLabels(split.train, { ratio: balance, seed }) : split.train;
  const [train, validation] = [learned, split.validation].map((part) =>
    tokenizeRecords(part, tokenizer, { maxTokens, overLong }),
  );
  if (!train || train.examples.length === 0) {
    throw new DataError(
      `${data.files.join(", ")}: no record has at most ${maxTokens} tokens, so there is none to learn from`,
    );
  }
  return {
    train: train.examples,
    validation: validation?.examples ?? [],
    skippedCount: train.skippedCount + (validation?.skippedCount ?? 0),
    fingerprint: fingerprintOf(train.examples),
  };
}

async function readAll(files: readonly string[]): Promise<FineTuneRecord[]> {
  const records: FineTuneRecord[] = [];
  for (const file of files) for (const record of await readRecords(file)) records.push(record);
  return records;
}

function fingerprintOf(examples: readonly Example[]): string {
  const hash = createHash("sha256");
  for (const { tokens, weights } of examples) {
    hash.update(Int32Array.of(tokens.length, ...tokens)).update(Float64Array.from(weights));
  }
  return hash.digest("hex");
}

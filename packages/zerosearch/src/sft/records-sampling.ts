/** Which records are learned from and which are held back, and in what proportion of labels. */
import { DataError } from "../core/errors.ts";
import { keyedShuffle } from "../core/keyed-random.ts";
import type { FineTuneRecord } from "./record-row.ts";

export interface RecordSplit {
  readonly train: readonly FineTuneRecord[];
  readonly validation: readonly FineTuneRecord[];
}

/**
 * Holds a random share of the rows back. Records of one row, such as the turns of a conversation, stay together.
 *
 * @param validationShare  in [0, 1); rounded to whole rows, at least one where it is above 0
 * @throws {DataError} nothing would be left to learn from
 */
export function splitRecords(
  records: readonly FineTuneRecord[],
  { validationShare, seed }: { readonly validationShare: number; readonly seed: number },
): RecordSplit {
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new DataError(`validationShare must be at least 0 and below 1, got ${validationShare}`);
  }
  const rows = [...new Set(records.map(({ place }) => place))];
  const count = validationShare === 0 ? 0 : Math.max(1, Math.round(rows.length * validationShare));
  if (count >= rows.length) {
    throw new DataError(
      `holding back ${count} of ${rows.length} rows for validation leaves none to learn from: lower validationShare`,
    );
  }
  const heldBack = new Set(keyedShuffle(rows, [seed, "validation split"]).slice(0, count));
  return {
    train: records.filter(({ place }) => !heldBack.has(place)),
    validation: records.filter(({ place }) => heldBack.has(place)),
  };
}

/** Parts of each label, such as 1 : 1. */
export interface LabelRatio {
  readonly useful: number;
  readonly noisy: number;
}

/**
 * The largest random selection with the given proportion of labels, in random order; the authors tune simulators on
 * balanced labels (method section 9). Nothing is taken twice.
 *
 * @throws {DataError} a record has no label, or a label that is asked for has too few
 */
export function balanceLabels(
  records: readonly FineTuneRecord[],
  { ratio, seed }: { readonly ratio: LabelRatio; readonly seed: number },
): FineTuneRecord[] {
  const parts = Object.values(ratio);
  if (!parts.every((part) => Number.isSafeInteger(part) && part >= 0) || parts.every((part) => part === 0)) {
    throw new DataError(
      `the ratio of labels must be of whole numbers that are not both 0, got ${ratio.useful}:${ratio.noisy}`,
    );
  }
  const unlabelled = records.find(({ label }) => label === undefined);
  if (unlabelled) {
    throw new DataError(`${unlabelled.place} has no label: balancing needs "useful" or "noisy" in every row`);
  }
  const useful = records.filter(({ label }) => label === "useful");
  const noisy = records.filter(({ label }) => label === "noisy");
  const units = Math.min(unitsOf(useful.length, ratio.useful), unitsOf(noisy.length, ratio.noisy));
  if (units === 0) {
    throw new DataError(
      `a ratio of ${ratio.useful}:${ratio.noisy} can't be had from ${useful.length} useful and ${noisy.length} noisy records`,
    );
  }
  const chosen = [
    ...keyedShuffle(useful, [seed, "useful records"]).slice(0, units * ratio.useful),
    ...keyedShuffle(noisy, [seed, "noisy records"]).slice(0, units * ratio.noisy),
  ];
  return keyedShuffle(chosen, [seed, "balanced records"]);
}

/** How often a part can be taken from what there is. */
function unitsOf(count: number, part: number): number {
  return part === 0 ? Number.POSITIVE_INFINITY : Math.floor(count / part);
}

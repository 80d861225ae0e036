/** Cutting a batch of ragged trajectories into parts that fit the memory. */

/**
 * Micro-batches by token budget: sorted by length, so that what stands together is alike, each filled up to the budget.
 * A sequence longer than the budget stands alone; none is dropped or cut.
 *
 * @param lengths  tokens of each sequence
 * @returns indices into `lengths`, longest first
 */
export function microBatches(lengths: readonly number[], tokenBudget: number): number[][] {
  const order = lengths
    .map((length, index) => ({ length, index }))
    .sort((a, b) => b.length - a.length || a.index - b.index);
  const batches: number[][] = [];
  let room = 0;
  for (const { length, index } of order) {
    const current = batches.at(-1);
    if (current && length <= room) {
      current.push(index);
      room -= length;
    } else {
      batches.push([index]);
      room = tokenBudget - length;
    }
  }
  return batches;
}

/** Cuts a list into so many runs whose sizes differ by at most one; fewer if there are fewer items. */
export function evenParts<T>(items: readonly T[], parts: number): T[][] {
  const count = Math.min(items.length, Math.max(1, parts));
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

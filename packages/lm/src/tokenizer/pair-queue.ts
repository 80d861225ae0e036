/** A priority queue of token pairs: the most frequent first; of equally frequent ones, the one of smaller ids. */

/** A pair, as one number that sorts as the pair does, and how often it occurred when it was added. */
export interface CountedPair {
  readonly pair: number;
  readonly count: number;
}

/** A binary heap. The order is total, so that what comes out does not depend on the order of what went in. */
export class PairQueue {
  readonly #heap: CountedPair[] = [];

  push(entry: CountedPair): void {
    const heap = this.#heap;
    let hole = heap.push(entry) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(entry, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = entry;
  }

  pop(): CountedPair | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: CountedPair): void {
    const heap = this.#heap;
    let hole = 0;
    for (;;) {
      const [left, right] = [heap[2 * hole + 1], heap[2 * hole + 2]];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!child || !isBefore(child, entry)) break;
      heap[hole] = child;
      hole = 2 * hole + (isRight ? 2 : 1);
    }
    heap[hole] = entry;
  }
}

function isBefore(a: CountedPair, b: CountedPair): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}

/**
 * Byte-pair encoding, learned: the most frequent pair of neighbouring tokens becomes a token, again and again.
 *
 * @see Sennrich et al. 2016, algorithm 1 (arXiv 1508.07909); ties as in Hugging Face's BpeTrainer, so the merges are
 * the same
 */
import { PairQueue } from "./pair-queue.ts";

/** Ids stay below this, so that a pair of them is one exact number. */
const MAX_IDS = 2 ** 26;

/** What was learned. */
export interface LearnedMerges {
  /** Tokens in the order of their ids, the letters first. */
  readonly tokens: readonly string[];
  /** Pairs of tokens, in the order in which they are to be merged. */
  readonly merges: readonly (readonly [string, string])[];
}

interface Word {
  ids: number[];
  readonly count: number;
}

/**
 * Learns merges until there are `size` tokens, or no pair is frequent enough.
 *
 * @param words  how often each word occurs; made of `letters` only
 * @param letters  the first tokens
 * @param minCount  how often a pair must occur to become a token, ≥ 1
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  letters: readonly string[],
  { size, minCount }: { readonly size: number; readonly minCount: number },
): LearnedMerges {
  const tokens = [...letters];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  const pairs = new PairIndex(words, ids);
  while (tokens.length < size) {
    const best = pairs.takeMostFrequent();
    if (best === undefined || best.count < minCount) break;
    const [left, right] = [tokens[Math.floor(best.pair / MAX_IDS)] ?? "", tokens[best.pair % MAX_IDS] ?? ""];
    const merged = left + right;
    const id = ids.get(merged) ?? tokens.push(merged) - 1;
    ids.set(merged, id);
    merges.push([left, right]);
    pairs.merge(best.pair, id);
  }
  return { tokens, merges };
}

/** Which pairs there are, how often, and in which words. */
class PairIndex {
  readonly #words: readonly Word[];
  readonly #counts = new Map<number, number>();
  readonly #places = new Map<number, Set<Word>>();
  readonly #queue = new PairQueue();

  constructor(words: ReadonlyMap<string, number>, ids: ReadonlyMap<string, number>) {
    this.#words = [...words].map(([word, count]) => ({
      ids: Array.from(word, (letter) => ids.get(letter) ?? 0),
      count,
    }));
    for (const word of this.#words) this.#count(word, 1);
    for (const [pair, count] of this.#counts) this.#queue.push({ pair, count });
  }

  /** Counts in the queue may be too high by now: such a pair goes back with its true one. */
  takeMostFrequent(): { readonly pair: number; readonly count: number } | undefined {
    for (let entry = this.#queue.pop(); entry; entry = this.#queue.pop()) {
      const count = this.#counts.get(entry.pair) ?? 0;
      if (count === entry.count) return entry;
      if (count > 0) this.#queue.push({ pair: entry.pair, count });
    }
    return undefined;
  }

  /** Replaces a pair by a token in every word, from left to right. */
  merge(pair: number, id: number): void {
    const grown = new Set<number>();
    for (const word of this.#places.get(pair) ?? []) {
      this.#count(word, -1);
      word.ids = mergeIds(word.ids, pair, id);
      this.#count(word, 1, (other) => grown.add(other));
    }
    this.#counts.delete(pair);
    this.#places.delete(pair);
    for (const other of grown) {
      const count = this.#counts.get(other) ?? 0;
      if (count > 0) this.#queue.push({ pair: other, count });
    }
  }

  #count(word: Word, sign: 1 | -1, onPair: (pair: number) => void = () => undefined): void {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const pair = (word.ids[i] ?? 0) * MAX_IDS + (word.ids[i + 1] ?? 0);
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * word.count);
      if (sign < 0) continue;
      const places = this.#places.get(pair);
      if (places) places.add(word);
      else this.#places.set(pair, new Set([word]));
      onPair(pair);
    }
  }
}

function mergeIds(ids: readonly number[], pair: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const [left = 0, right] = [ids[i], ids[i + 1]];
    const isPair = right !== undefined && left * MAX_IDS + right === pair;
    result.push(isPair ? merged : left);
    if (isPair) i++;
  }
  return result;
}

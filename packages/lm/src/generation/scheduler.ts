/**
 * Who runs: sequences wait until the cache has room for them, run in the first slots of the cache without holes, and
 * leave. What does not fit waits; nothing fails for lack of memory but what could never fit.
 */
import type { NewTokens } from "./cached-pass.ts";
import { KvCache } from "./kv-cache.ts";
import { commonPrefix, type Sequence } from "./sequence.ts";

/** Bounds on what runs at once. */
export interface EngineLimits {
  /** Sequences in one batch. */
  readonly maxSequences: number;
  /** Tokens that the cache's table may hold: slots times the longest. */
  readonly maxCacheTokens: number;
  /** Prompt tokens in one step. */
  readonly maxPrefillTokens: number;
}

/** Copying a shared beginning costs a step of its own; below this many tokens it is computed again. */
const SHORTEST_SHARED_PREFIX = 8;

export class Scheduler {
  readonly #limits: EngineLimits;
  readonly #cache: KvCache;
  readonly #waiting: Sequence[] = [];
  /** running[i] holds slot i. */
  readonly #running: Sequence[] = [];
  /** Sequences with parked caches, the one used longest ago first. */
  readonly #parked = new Set<Sequence>();

  constructor(limits: EngineLimits, cache: KvCache) {
    this.#limits = limits;
    this.#cache = cache;
  }

  get running(): readonly Sequence[] {
    return this.#running;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#running.length === 0;
  }

  /** Whether a sequence of that length could ever run. */
  couldRun(length: number): boolean {
    return KvCache.capacityFor(length) <= this.#limits.maxCacheTokens;
  }

  enqueue(sequence: Sequence): void {
    this.#waiting.push(sequence);
  }

  /** Lets waiting sequences in, first come first served, while there is room. */
  admit(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoomFor(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      if (this.#running.length === 0) this.#shrink(next);
      const slot = this.#running.push(next) - 1;
      this.#cache.reserve(this.#running.length, next.reservedLength);
      if (!next.parked) continue;
      this.#cache.load(slot, next.parked);
      this.#unpark(next);
    }
  }

  /** Gives up on everything that waits. */
  abortWaiting(): void {
    for (const sequence of this.#waiting) sequence.isAborted = true;
  }

  /** Forgets everything that is parked. */
  closeParked(): void {
    for (const sequence of [...this.#parked]) this.close(sequence);
  }

  /** Takes aborted sequences out, wherever they are. */
  removeAborted(): Sequence[] {
    const removed = this.#waiting.filter((sequence) => sequence.isAborted);
    for (const sequence of removed) this.#waiting.splice(this.#waiting.indexOf(sequence), 1);
    for (const sequence of this.#running.filter(({ isAborted }) => isAborted)) {
      this.leave(sequence);
      removed.push(sequence);
    }
    return removed;
  }

  /** Prompt tokens for this step: the oldest sequences first, long prompts in parts, shared beginnings copied. */
  prefillBatch(): NewTokens[] {
    const batch: NewTokens[] = [];
    const members: Sequence[] = [];
    let budget = this.#limits.maxPrefillTokens;
    for (const [slot, sequence] of this.#running.entries()) {
      if (sequence.pending <= 1 || budget <= 0) continue;
      if (members.some((member) => this.#sharedWith(sequence, member) > 0)) continue; // copies it in the next step
      this.#copySharedPrefix(sequence, slot);
      if (sequence.pending <= 1) continue;
      const start = sequence.cachedLength;
      const tokens = sequence.tokens.slice(start, start + budget);
      budget -= tokens.length;
      batch.push({ slot, start, tokens });
      members.push(sequence);
    }
    return batch;
  }

  /** The sequences whose next token is all that is missing. */
  decodeBatch(): NewTokens[] {
    return this.#running.flatMap((sequence, slot) =>
      sequence.pending === 1 ? [{ slot, start: sequence.cachedLength, tokens: sequence.tokens.slice(-1) }] : [],
    );
  }

  /** Frees a running sequence's slot; the last slot's sequence moves into it. An open one keeps its cache, parked. */
  leave(sequence: Sequence): void {
    const slot = this.#running.indexOf(sequence);
    if (slot < 0) return;
    if (sequence.isOpen && !sequence.isAborted) this.#park(sequence, slot);
    else sequence.cachedLength = 0;
    const last = this.#running.pop();
    if (!last || last === sequence) return;
    this.#running[slot] = last;
    this.#cache.move(this.#running.length, slot, last.cachedLength);
  }

  /** Forgets what a closed sequence had parked. */
  close(sequence: Sequence): void {
    this.#parked.delete(sequence);
    if (sequence.parked) sequence.forgetCache();
  }

  #hasRoomFor(sequence: Sequence): boolean {
    if (this.#running.length >= this.#limits.maxSequences) return false;
    const needed = KvCache.capacityFor(sequence.reservedLength);
    if (this.#running.length === 0) return true; // the table is made anew for it
    const capacity = Math.max(this.#cache.capacity, needed);
    return (this.#running.length + 1) * capacity <= this.#limits.maxCacheTokens;
  }

  /** With nobody running the table may be remade: a long sequence of the past should not cost those of now. */
  #shrink(next: Sequence): void {
    const needed = KvCache.capacityFor(next.reservedLength);
    const isTooLarge =
      Math.max(1, this.#cache.slots) * Math.max(this.#cache.capacity, needed) > this.#limits.maxCacheTokens;
    if (isTooLarge || this.#cache.capacity > 4 * needed) this.#cache.clear();
  }

  #sharedWith(sequence: Sequence, other: Sequence): number {
    if (sequence.cachedLength > 0) return 0;
    // The last token is always computed: its hidden state predicts the next.
    const shared = Math.min(commonPrefix(sequence.tokens, other.tokens), sequence.tokens.length - 1);
    return shared >= SHORTEST_SHARED_PREFIX ? shared : 0;
  }

  #copySharedPrefix(sequence: Sequence, slot: number): void {
    let [best, length] = [-1, 0];
    for (const [other, donor] of this.#running.entries()) {
      const shared = donor === sequence ? 0 : Math.min(this.#sharedWith(sequence, donor), donor.cachedLength);
      if (shared > length) [best, length] = [other, shared];
    }
    if (length < SHORTEST_SHARED_PREFIX) return;
    this.#cache.move(best, slot, length);
    sequence.cachedLength = length;
  }

  #park(sequence: Sequence, slot: number): void {
    sequence.parked = this.#cache.park(slot, sequence.cachedLength);
    this.#parked.add(sequence);
    let total = 0;
    for (const { cachedLength } of this.#parked) total += cachedLength;
    for (const oldest of this.#parked) {
      if (total <= this.#limits.maxCacheTokens) break;
      total -= oldest.cachedLength;
      this.close(oldest);
    }
  }

  #unpark(sequence: Sequence): void {
    this.#parked.delete(sequence);
    sequence.parked?.dispose();
    sequence.parked = undefined;
  }
}

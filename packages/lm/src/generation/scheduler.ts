/**
 * Who runs: sequences wait until the cache has room for them, run in the first slots of the cache without holes, and
 * leave. What does not fit waits; nothing fails for lack of memory but what could never fit.
 */
import type { NewTokens } from "./cached-pass.ts";
import { type CacheLimits, KvCache } from "./kv-cache.ts";
import { commonPrefix, type Sequence } from "./sequence.ts";

/** Bounds on what runs at once. */
export interface EngineLimits extends CacheLimits {
  /** Prompt tokens in one step, each prompt counted as long as the longest beside it: attention computes them so. */
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
  /** When each of them came in: slots don't tell, for the last one moves into the place of what leaves. */
  readonly #arrivals = new WeakMap<Sequence, number>();
  #arrivalCount = 0;
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
      this.#arrivals.set(next, this.#arrivalCount++);
      this.#cache.reserve(this.#running.length, next.reservedLength, this.#limits);
      if (!next.parked) continue;
      this.#cache.load(slot, next.parked);
      this.#unpark(next);
    }
  }

  /** Forgets everything that is parked. */
  closeParked(): void {
    for (const sequence of [...this.#parked]) this.close(sequence);
  }

  /** Those that have been aborted, wherever they are. */
  aborted(): Sequence[] {
    return [...this.#waiting, ...this.#running].filter(({ isAborted }) => isAborted);
  }

  /** Takes out everything that waits, or that runs, leaving the cache as it is. */
  drain(which: "waiting" | "running"): Sequence[] {
    return (which === "waiting" ? this.#waiting : this.#running).splice(0);
  }

  /** Prompt tokens for this step: the oldest sequences first, long prompts in parts, shared beginnings copied. */
  prefillBatch(): NewTokens[] {
    const batch: NewTokens[] = [];
    const members: Sequence[] = [];
    const most = this.#limits.maxPrefillTokens;
    let width = 0;
    for (const { sequence, slot } of this.#inOrderOfArrival()) {
      if (sequence.pending <= 1) continue;
      if (members.some((member) => this.#sharedWith(sequence, member) > 0)) continue; // copies it in the next step
      this.#copySharedPrefix(sequence, slot);
      if (sequence.pending <= 1) continue;
      const wide = Math.max(width, Math.min(sequence.pending, most));
      if (batch.length > 0 && (batch.length + 1) * wide > most) continue;
      width = wide;
      const start = sequence.cachedLength;
      batch.push({ slot, start, tokens: sequence.tokens.slice(start, start + most) });
      members.push(sequence);
    }
    return batch.sort((a, b) => a.slot - b.slot); // the first slots in order need no copy
  }

  /** The sequences whose next token is all that is missing. */
  decodeBatch(): NewTokens[] {
    return this.#running.flatMap((sequence, slot) =>
      sequence.pending === 1 ? [{ slot, start: sequence.cachedLength, tokens: sequence.tokens.slice(-1) }] : [],
    );
  }

  /**
   * Takes a sequence out, wherever it is; the last slot's sequence moves into its slot. An open one keeps its cache, parked.
   *
   * @param isSound  what it computed were numbers: otherwise its cache is forgotten
   */
  leave(sequence: Sequence, isSound = true): void {
    const waiting = this.#waiting.indexOf(sequence);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (waiting >= 0 && !sequence.isOpen) this.close(sequence);
    const slot = this.#running.indexOf(sequence);
    if (slot < 0) return;
    const length = sequence.cachedLength;
    if (sequence.isOpen && isSound) this.#park(sequence, slot);
    else sequence.cachedLength = 0;
    const last = this.#running.pop();
    const moves = last !== undefined && last !== sequence;
    if (moves) this.#running[slot] = last;
    // Others will read beyond their ends, where NaN counts. Of what was aborted, or moves, nobody may have seen what it computed.
    if (!isSound || sequence.isAborted) this.#cache.erase(slot, length);
    if (!moves) return;
    this.#cache.move(this.#running.length, slot, last.cachedLength);
    this.#cache.erase(this.#running.length, last.cachedLength);
  }

  /** Forgets what a closed sequence had parked. */
  close(sequence: Sequence): void {
    this.#parked.delete(sequence);
    if (sequence.parked) sequence.forgetCache();
  }

  #inOrderOfArrival(): { readonly sequence: Sequence; readonly slot: number }[] {
    const arrival = (sequence: Sequence): number => this.#arrivals.get(sequence) ?? 0;
    return this.#running
      .map((sequence, slot) => ({ sequence, slot }))
      .sort((a, b) => arrival(a.sequence) - arrival(b.sequence));
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
    this.#parked.delete(sequence); // to the end of the order
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

/**
 * Keys and values of the tokens already seen, for every layer: a table of slots, one per running sequence. Sequences
 * that wait (for documents, say) are parked: their part is copied out, and copied back when they go on.
 */
import {
  type CachePositions,
  type CacheTables,
  hasOwnAttention,
  keep,
  PANEL,
  type Tensor,
  tidy,
  zeros,
  zerosInLargePages,
} from "@zerosearch/torch";
import type { Decoder } from "../models/decoder.ts";
import { int64 } from "../nn/int64.ts";
import { type Numerics, roundUp } from "../nn/numerics.ts";
import { ParkedCache } from "./parked-cache.ts";

/** Capacities grow in steps of so many tokens, whole panels, so that growing is rare. */
const CAPACITY_STEP = 128;
/** Keys are read in steps of so many. */
const KEY_STEP = 32;

/** Bounds on the table. */
export interface CacheLimits {
  /** Sequences in one batch. */
  readonly maxSequences: number;
  /** Tokens that the cache's table may hold: slots times the longest. */
  readonly maxCacheTokens: number;
}

export class KvCache implements Disposable {
  readonly #decoder: Decoder;
  readonly #numerics: Numerics;
  /** (slots, K, capacity, D) of each layer; in panels where attention is the addon's own, see CacheTables. */
  #keys: Tensor[] = [];
  /** (slots, K, capacity, D) of each layer. */
  #values: Tensor[] = [];
  #slots = 0;
  #capacity = 0;
  readonly #onRemake: () => void;

  /** @param onRemake  lets go of what holds the table, which is about to be made anew or given back */
  constructor(decoder: Decoder, numerics: Numerics, onRemake: () => void) {
    this.#decoder = decoder;
    this.#numerics = numerics;
    this.#onRemake = onRemake;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Tokens that fit into each slot. */
  get capacity(): number {
    return this.#capacity;
  }

  /** What the capacity would become for sequences of that length. */
  static capacityFor(length: number): number {
    return roundUp(length, CAPACITY_STEP);
  }

  /**
   * Makes room for so many slots of so many tokens, within the limits; what is in these slots stays. Where it can't be had the
   * table is lost.
   */
  reserve(slots: number, length: number, { maxSequences, maxCacheTokens }: CacheLimits): void {
    const capacity = Math.max(this.#capacity, KvCache.capacityFor(length));
    if (slots <= this.#slots && capacity === this.#capacity) return;
    // Slots to spare, so that growing is rare.
    const wished = slots <= this.#slots ? this.#slots : Math.ceil(1.5 * this.#slots);
    const count = Math.max(slots, Math.min(wished, maxSequences, Math.floor(maxCacheTokens / capacity)));
    this.#onRemake();
    try {
      // One after the other, each old table freed before the next is made: there may not be room for two caches.
      for (let layer = 0; layer < this.#decoder.config.layerCount; layer++) {
        this.#keys[layer] = this.#remake(this.#keys[layer], this.#keyShape(count, capacity));
        this.#values[layer] = this.#remake(this.#values[layer], this.#valueShape(count, capacity));
      }
    } catch (error) {
      this.clear();
      throw error;
    }
    this.#slots = count;
    this.#capacity = capacity;
  }

  /** Gives a table back that is larger than what it will hold. */
  clear(): void {
    this.#onRemake();
    this.dispose();
    this.#keys = [];
    this.#values = [];
    this.#slots = 0;
    this.#capacity = 0;
  }

  /** A layer's tables. */
  layer(layer: number): CacheTables {
    const [keys, values] = [this.#keys[layer], this.#values[layer]];
    if (!keys || !values)
      throw new RangeError(`internal: the cache holds ${this.#keys.length} layers, asked for layer ${layer}`);
    return { keys, values };
  }

  /**
   * Where the rows of a pass stand: new tokens, then filler, which stands for the first token of slot 0.
   *
   * @returns int64 (rows) each, of the enclosing scope
   */
  places(slots: readonly number[], positions: readonly number[], rows: number): CachePositions {
    const { device } = this.#decoder.embeddings;
    const filler = new Array<number>(rows - slots.length).fill(0);
    return { slots: int64([...slots, ...filler], device), positions: int64([...positions, ...filler], device) };
  }

  /**
   * Where new tokens go, the same for every layer, if the keys do not lie in panels.
   *
   * @returns int64 (tokens · K): rows of the flattened table
   */
  tableRows({ slots, positions }: CachePositions): Tensor {
    return tidy(() => {
      const { keyValueHeadCount: count } = this.#decoder.config;
      const heads = int64([...Array(count).keys()], slots.device);
      return slots.mul(count).unsqueeze(1).add(heads).mul(this.#capacity).add(positions.unsqueeze(1)).view([-1]);
    });
  }

  /** Writes the first tokens of key and value (N, K, D), as many as {@link tableRows} are for. */
  write(layer: number, rows: Tensor, key: Tensor, value: Tensor): void {
    const { headSize } = this.#decoder.config;
    const count = rows.size(0);
    const write = (table: Tensor, x: Tensor): void => {
      const fresh = x.size(0) * x.size(1) === count ? x : x.narrow(0, 0, count / x.size(1));
      table.view([-1, headSize]).indexCopy_(0, rows, fresh.reshape([-1, headSize]));
    };
    const { keys, values } = this.layer(layer);
    write(keys, key);
    write(values, value);
  }

  /** Keys and values of the first `slots` slots and `length` tokens, views (slots · K, length, D). */
  read(layer: number, slots: number, length: number): { key: Tensor; value: Tensor } {
    const { keys, values } = this.layer(layer);
    const part = (table: Tensor): Tensor => asMatrices(table.narrow(0, 0, slots).narrow(2, 0, length));
    return { key: part(keys), value: part(values) };
  }

  /** The same for chosen slots; a copy. */
  gather(layer: number, slots: Tensor, length: number): { key: Tensor; value: Tensor } {
    const { keys, values } = this.layer(layer);
    const part = (table: Tensor): Tensor => asMatrices(table.narrow(2, 0, length).indexSelect(0, slots));
    return { key: part(keys), value: part(values) };
  }

  /** How many keys are read for sequences of that length: on a grid, so that one program serves many steps. */
  readLength(length: number): number {
    return Math.min(this.#capacity, roundUp(length, Math.max(KEY_STEP, this.#numerics.keyMultiple)));
  }

  /** Fills a slot's first tokens with zeros. Attention by masks reads what stands behind a text's end, where NaN counts. */
  erase(slot: number, length: number): void {
    tidy(() => {
      for (const table of [...this.#keys, ...this.#values]) {
        firstTokens(table, slot, length).zero_();
      }
    });
  }

  /** Moves a slot's content to another slot. */
  move(from: number, to: number, length: number): void {
    tidy(() => {
      for (const table of [...this.#keys, ...this.#values]) {
        firstTokens(table, to, length).copy_(firstTokens(table, from, length));
      }
    });
  }

  /** Copies a slot's first tokens out of the table. */
  park(slot: number, length: number): ParkedCache {
    const copy = (table: Tensor): Tensor => tidy(() => keep(firstTokens(table, slot, length).clone()));
    return new ParkedCache(
      length,
      this.#keys.map((keys, layer) => ({ keys: copy(keys), values: copy(this.layer(layer).values) })),
    );
  }

  /** Copies parked tokens into a slot. */
  load(slot: number, parked: ParkedCache): void {
    tidy(() => {
      for (const [index, { keys, values }] of parked.layers.entries()) {
        const layer = this.layer(index);
        firstTokens(layer.keys, slot, parked.length).copy_(keys);
        firstTokens(layer.values, slot, parked.length).copy_(values);
      }
    });
  }

  dispose(): void {
    for (const table of [...this.#keys, ...this.#values]) table.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #isOwn(): boolean {
    return hasOwnAttention(this.#decoder.embeddings);
  }

  #keyShape(slots: number, capacity: number): readonly number[] {
    if (!this.#isOwn) return this.#valueShape(slots, capacity);
    const { keyValueHeadCount, headSize } = this.#decoder.config;
    return [slots, keyValueHeadCount, capacity / PANEL, headSize, PANEL];
  }

  #valueShape(slots: number, capacity: number): readonly number[] {
    const { keyValueHeadCount, headSize } = this.#decoder.config;
    return [slots, keyValueHeadCount, capacity, headSize];
  }

  #remake(old: Tensor | undefined, shape: readonly number[]): Tensor {
    const { dtype, device } = this.#decoder.embeddings;
    const made = tidy(() => {
      const table = this.#isOwn ? zerosInLargePages(shape) : zeros(shape, { dtype, device });
      const kept = Math.min(table.size(0), this.#slots);
      if (old)
        table
          .narrow(0, 0, kept)
          .narrow(2, 0, old.size(2))
          .copy_(old.narrow(0, 0, kept));
      return keep(table);
    });
    old?.dispose();
    return made;
  }
}

/** Of a slot: (K, length, D), a view; of keys in panels, whole panels. */
function firstTokens(table: Tensor, slot: number, length: number): Tensor {
  const perRow = table.ndim === 5 ? PANEL : 1;
  return table.select(0, slot).narrow(1, 0, Math.ceil(length / perRow));
}

/** (slots, K, length, D) → (slots · K, length, D), a view. */
function asMatrices(table: Tensor): Tensor {
  const [slots = 0, heads = 0, length = 0, headSize = 0] = table.shape;
  return table.reshape([slots * heads, length, headSize]);
}

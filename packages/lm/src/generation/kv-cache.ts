/**
 * Keys and values of the tokens already seen, for every layer: a table of slots, one per running sequence. Sequences
 * that wait (for documents, say) are parked: their part is copied out, and copied back when they go on.
 */
import { keep, type Tensor, tidy, zeros } from "@zerosearch/torch";
import type { Decoder } from "../models/decoder.ts";
import { type Numerics, roundUp } from "../nn/numerics.ts";

/** Capacities grow in steps of so many tokens, so that growing is rare. */
const CAPACITY_STEP = 128;
/** Keys are read in steps of so many. */
const KEY_STEP = 32;

interface LayerCache {
  /** (slots, K, capacity, D) */
  keys: Tensor;
  values: Tensor;
}

/** A sequence's keys and values outside the table. Whoever holds it disposes of it. */
export class ParkedCache implements Disposable {
  readonly length: number;
  readonly #layers: readonly LayerCache[];

  /** @param layers  (K, length, D) each */
  constructor(length: number, layers: readonly LayerCache[]) {
    this.length = length;
    this.#layers = layers;
  }

  get layers(): readonly Readonly<LayerCache>[] {
    return this.#layers;
  }

  dispose(): void {
    disposeLayers(this.#layers);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

export class KvCache implements Disposable {
  readonly #decoder: Decoder;
  readonly #numerics: Numerics;
  #layers: LayerCache[] = [];
  #slots = 0;
  #capacity = 0;
  #table = 0;

  constructor(decoder: Decoder, numerics: Numerics) {
    this.#decoder = decoder;
    this.#numerics = numerics;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Tokens that fit into each slot. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Changes whenever the table is made anew. */
  get table(): number {
    return this.#table;
  }

  /** What the capacity would become for sequences of that length. */
  static capacityFor(length: number): number {
    return roundUp(length, CAPACITY_STEP);
  }

  /** Makes room for so many slots of so many tokens; what is there stays. */
  reserve(slots: number, length: number): void {
    const capacity = Math.max(this.#capacity, KvCache.capacityFor(length));
    if (slots <= this.#slots && capacity === this.#capacity) return;
    const count = slots <= this.#slots ? this.#slots : Math.max(slots, Math.ceil(1.5 * this.#slots));
    const { keyValueHeadCount, headSize, layerCount } = this.#decoder.config;
    const { dtype, device } = this.#decoder.embeddings;
    const grown = Array.from({ length: layerCount }, (_, index) => {
      const old = this.#layers[index];
      const grow = (before: Tensor | undefined): Tensor => {
        const table = keep(zeros([count, keyValueHeadCount, capacity, headSize], { dtype, device }));
        if (before) {
          tidy(() => {
            table.narrow(0, 0, this.#slots).narrow(2, 0, this.#capacity).copy_(before);
          });
        }
        before?.dispose();
        return table;
      };
      return { keys: grow(old?.keys), values: grow(old?.values) };
    });
    this.#layers = grown;
    this.#table++;
    this.#slots = count;
    this.#capacity = capacity;
  }

  /** Gives a table back that is larger than what it will hold. */
  clear(): void {
    this.dispose();
    this.#layers = [];
    this.#slots = 0;
    this.#capacity = 0;
  }

  /** Row numbers of (slot, key head, position) in the flattened table, for tokens in order, heads within tokens. */
  rows(slots: readonly number[], positions: readonly number[]): number[] {
    const { keyValueHeadCount: heads } = this.#decoder.config;
    return slots.flatMap((slot, i) =>
      Array.from({ length: heads }, (_, head) => (slot * heads + head) * this.#capacity + (positions[i] ?? 0)),
    );
  }

  /** Writes the first rows.length/K tokens of key and value (N, K, D) at those rows. */
  write(layer: number, rows: Tensor, key: Tensor, value: Tensor): void {
    const { keys, values } = this.#layer(layer);
    const { headSize } = this.#decoder.config;
    const count = rows.size(0);
    for (const [table, fresh] of [
      [keys, key],
      [values, value],
    ] as const) {
      table.view([-1, headSize]).indexCopy_(0, rows, fresh.reshape([-1, headSize]).narrow(0, 0, count));
    }
  }

  /** Keys and values of the first `slots` slots and `length` tokens, views (slots, K, length, D). */
  read(layer: number, slots: number, length: number): { key: Tensor; value: Tensor } {
    const { keys, values } = this.#layer(layer);
    const part = (table: Tensor): Tensor => table.narrow(0, 0, slots).narrow(2, 0, length);
    return { key: part(keys), value: part(values) };
  }

  /** The same for chosen slots; a copy. */
  gather(layer: number, slots: Tensor, length: number): { key: Tensor; value: Tensor } {
    const { keys, values } = this.#layer(layer);
    const part = (table: Tensor): Tensor => table.narrow(2, 0, length).indexSelect(0, slots);
    return { key: part(keys), value: part(values) };
  }

  /** How many keys are read for sequences of that length: on a grid, so that one program serves many steps. */
  readLength(length: number): number {
    return Math.min(this.#capacity, roundUp(length, Math.max(KEY_STEP, this.#numerics.keyMultiple)));
  }

  /** Moves a slot's content to another slot. */
  move(from: number, to: number, length: number): void {
    tidy(() => {
      for (const table of this.#layers.flatMap(({ keys, values }) => [keys, values])) {
        table
          .select(0, to)
          .narrow(1, 0, length)
          .copy_(table.select(0, from).narrow(1, 0, length));
      }
    });
  }

  /** Copies a slot's first tokens out of the table. */
  park(slot: number, length: number): ParkedCache {
    const copy = (table: Tensor): Tensor => tidy(() => keep(table.select(0, slot).narrow(1, 0, length).clone()));
    return new ParkedCache(
      length,
      this.#layers.map(({ keys, values }) => ({ keys: copy(keys), values: copy(values) })),
    );
  }

  /** Copies parked tokens into a slot. */
  load(slot: number, parked: ParkedCache): void {
    tidy(() => {
      for (const [index, { keys, values }] of parked.layers.entries()) {
        const layer = this.#layer(index);
        layer.keys.select(0, slot).narrow(1, 0, parked.length).copy_(keys);
        layer.values.select(0, slot).narrow(1, 0, parked.length).copy_(values);
      }
    });
  }

  dispose(): void {
    disposeLayers(this.#layers);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #layer(index: number): LayerCache {
    const layer = this.#layers[index];
    if (!layer)
      throw new RangeError(`internal: the cache holds ${this.#layers.length} layers, asked for layer ${index}`);
    return layer;
  }
}

function disposeLayers(layers: readonly LayerCache[]): void {
  for (const { keys, values } of layers) {
    keys.dispose();
    values.dispose();
  }
}

/**
 * The decoder's weights laid out for products of few rows, which a decode step is made of: see PackedWeight. A second copy of
 * them, brought up to date when training has changed the first.
 */
import { noGrad, PackedWeight, type Tensor } from "@zerosearch/torch";
import type { Decoder, Linear } from "../models/decoder.ts";
import { parameterShapes } from "../models/parameters.ts";
import type { Numerics } from "../nn/numerics.ts";
import type { SummationRule } from "../nn/summation.ts";

interface Packed {
  readonly source: Tensor;
  readonly weight: PackedWeight;
  /** What a pass multiplies with after it. */
  next: PackedWeight | undefined;
  /** The source's when it was copied. */
  version: number;
}

export class PackedWeights implements Disposable {
  readonly #decoder: Decoder;
  readonly #summation: SummationRule;
  readonly #byName: ReadonlyMap<string, Packed>;

  private constructor(decoder: Decoder, summation: SummationRule) {
    this.#decoder = decoder;
    this.#summation = summation;
    const isTable = (name: string): boolean => !decoder.config.tiedEmbeddings && name === "model.embed_tokens.weight";
    this.#byName = new Map(
      [...parameterShapes(decoder.config)]
        .filter(([name, shape]) => shape.length === 2 && !isTable(name))
        .map(([name]) => {
          const source = decoder.parameter(name);
          const packed = { source, weight: new PackedWeight(source), next: undefined, version: source.version() };
          return [name.replace(/\.weight$/, ""), packed];
        }),
    );
    const inOrder = [...this.#byName.values()]; // tied embeddings come first, and after the last layer again
    for (const [i, packed] of inOrder.entries()) packed.next = inOrder[(i + 1) % inOrder.length]?.weight;
  }

  /** The decoder's weights packed, if its numerics know how to sum their products. */
  static of(decoder: Decoder, { summation }: Numerics): PackedWeights | undefined {
    return summation && new PackedWeights(decoder, summation);
  }

  /** Copies the weights that were written to since. */
  refresh(): void {
    for (const packed of this.#byName.values()) {
      const version = packed.source.version();
      if (version === packed.version) continue;
      noGrad(() => packed.weight.update(packed.source));
      packed.version = version;
    }
  }

  readonly linear: Linear = (name, x) => {
    const packed = this.#byName.get(name);
    if (!packed) return this.#decoder.linear(name, x);
    const bias = this.#decoder.parameters.get(`${name}.bias`);
    return packed.weight.linear(x, this.#summation(x.size(-1)), { bias, next: packed.next });
  };

  dispose(): void {
    for (const { weight } of this.#byName.values()) weight.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

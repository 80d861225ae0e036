/**
 * The decoder's weights laid out for products of few rows, which a decode step is made of: see PackedWeight. A second copy of
 * them, brought up to date when training has changed the first.
 */
import { noGrad, PackedWeight, type Tensor } from "@zerosearch/torch";
import type { Decoder, Linear } from "../models/decoder.ts";
import type { Numerics } from "../nn/numerics.ts";
import type { SummationRule } from "../nn/summation.ts";

interface Packed {
  readonly source: Tensor;
  readonly weight: PackedWeight;
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
      [...decoder.parameters]
        .filter(([name, parameter]) => parameter.ndim === 2 && !isTable(name))
        .map(([name, source]) => [
          name.replace(/\.weight$/, ""),
          { source, weight: new PackedWeight(source), version: source.version() },
        ]),
    );
  }

  /** The decoder's weights packed, if they can be: in float32, on the CPU, with sums that the numerics know. */
  static of(decoder: Decoder, { summation }: Numerics): PackedWeights | undefined {
    const { dtype, device } = decoder.embeddings;
    return summation && dtype === "float32" && device === "cpu" ? new PackedWeights(decoder, summation) : undefined;
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
    return packed.weight.linear(x, this.#summation(x.size(-1)), this.#decoder.parameters.get(`${name}.bias`) ?? null);
  };

  dispose(): void {
    for (const { weight } of this.#byName.values()) weight.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

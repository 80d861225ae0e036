/**
 * The decoder's weights laid out for products of few rows, which a decode step is made of: see PackedWeight. A second copy of
 * them, brought up to date when training has changed the first.
 */
import { hasOwnProducts, noGrad, PackedWeight, type Tensor } from "@zerosearch/torch";
import type { Decoder, Linear } from "../models/decoder.ts";
import type { DecoderConfig } from "../models/decoder-config.ts";
import { parameterShapes } from "../models/parameters.ts";

interface Packed {
  readonly source: Tensor;
  readonly weight: PackedWeight;
  /** The source's when it was copied. */
  version: number;
}

export class PackedWeights implements Disposable {
  readonly #decoder: Decoder;
  readonly #byName: ReadonlyMap<string, Packed>;

  private constructor(decoder: Decoder) {
    this.#decoder = decoder;
    const names = productOrder(decoder.config);
    const sources = names.map((name) => decoder.parameter(`${name}.weight`));
    const weights = PackedWeight.inOrder(sources);
    this.#byName = new Map(
      names.flatMap((name, i) => {
        const [source, weight] = [sources[i], weights[i]];
        return source && weight ? [[name, { source, weight, version: source.version }]] : [];
      }),
    );
  }

  /** The decoder's weights packed, if products with packed ones have the bits of its own. */
  static of(decoder: Decoder): PackedWeights | undefined {
    return hasOwnProducts(decoder.embeddings) ? new PackedWeights(decoder) : undefined;
  }

  /** Copies the weights that were written to since. */
  refresh(): void {
    for (const packed of this.#byName.values()) {
      const version = packed.source.version;
      if (version === packed.version) continue;
      noGrad(() => packed.weight.update(packed.source));
      packed.version = version;
    }
  }

  readonly linear: Linear = (name, x) => {
    const packed = this.#byName.get(name);
    if (!packed) return this.#decoder.linear(name, x);
    return packed.weight.linear(x, this.#decoder.parameters.get(`${name}.bias`) ?? null);
  };

  dispose(): void {
    for (const { weight } of this.#byName.values()) weight.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Memory of a model's packed weights. */
export function packedWeightBytes(config: DecoderConfig): number {
  const shapes = parameterShapes(config);
  return productOrder(config).reduce((sum, name) => {
    const [outputs = 0, inputs = 0] = shapes.get(`${name}.weight`) ?? [];
    return sum + PackedWeight.byteLength(outputs, inputs);
  }, 0);
}

/** The matrices by name without their ending, as a pass multiplies with them: that of the logits last. */
function productOrder(config: DecoderConfig): string[] {
  const table = "model.embed_tokens";
  const names = [...parameterShapes(config)].flatMap(([name, { length }]) =>
    length === 2 && !name.startsWith(table) ? [name.replace(/\.weight$/, "")] : [],
  );
  return config.tiedEmbeddings ? [...names, table] : names;
}

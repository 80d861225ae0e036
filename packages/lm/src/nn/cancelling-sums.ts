/** Random factors whose sums of products show, whatever the dtype, in which order they were summed. */
import { cat, type Dtype, type Generator, randn, randperm, type Tensor, tidy } from "@zerosearch/torch";

/**
 * Two factors, (…, N, S) and (…, P, S), whose sums of products over S show in which order they were summed. Random float32
 * do. Sums of 16-bit numbers are rounded to so few digits that hardly one in a thousand shows it, so there each product has
 * its opposite: the sums are zero but for rounding errors, and those are the order's own.
 */
export function drawFactors(
  left: readonly number[],
  right: readonly number[],
  dtype: Dtype,
  generator: Generator,
): readonly [Tensor, Tensor] {
  if (dtype === "float32") return [randn(left, { generator }), randn(right, { generator })];
  const pairs = drawPairs(left.at(-1) ?? 0, generator);
  const draw = (shape: readonly number[]): Tensor => drawWide([...shape.slice(0, -1), pairs.count], generator);
  return [withPartners(draw(left), pairs, 1).to(dtype), withPartners(draw(right), pairs, -1).to(dtype)];
}

/** Places along the last dimension, each with a partner elsewhere in it, and how many pairs they are. */
export interface Pairs {
  readonly count: number;
  readonly places: Tensor;
}

/** If the size is odd, one has no partner. */
export function drawPairs(size: number, generator: Generator): Pairs {
  const count = Math.ceil(size / 2);
  return { count, places: randperm(2 * count, { generator }).narrow(0, 0, size) };
}

/** Each number in two places, in the second with this sign. */
export function withPartners(numbers: Tensor, { places }: Pairs, sign: 1 | -1): Tensor {
  return tidy(() => cat([numbers, numbers.mul(sign)], -1).indexSelect(-1, places));
}

/**
 * Of magnitudes so unlike that float32 rounds sums of their products, which have 16 digits of its 24, and so large that
 * rounding errors change a softmax. Float16 holds them.
 */
export function drawWide(shape: readonly number[], generator: Generator): Tensor {
  return tidy(() => {
    const magnitudes = tidy(() => randn(shape, { generator }).mul(3).exp().mul(256));
    return randn(shape, { generator }).mul_(magnitudes).clamp(-32_768, 32_768);
  });
}

/**
 * Products with a weight matrix that was packed beforehand. Otherwise a matrix is packed anew for every product, which for a
 * few rows costs more than the product.
 */
import { ArgumentError } from "./errors.ts";
import { zerosInLargePages } from "./large-pages.ts";
import { packedLinear, zeros } from "./ops.generated.ts";
import { PANEL } from "./own-products.ts";
import { keep, tidy } from "./scope.ts";
import { liveHandles, type Tensor } from "./tensor.ts";

/** A float32 weight matrix on the CPU, (outputs, inputs), laid out for products. Owns a copy of it. */
export class PackedWeight implements Disposable {
  readonly #panels: Tensor;
  readonly #outputs: number;

  /**
   * @param weight  float32 `[outputs, inputs]`
   * @param panels  where to lay it out, if not in memory of its own: zeros, see {@link PackedWeight.inOrder}
   * @throws {ArgumentError} the weight is no float32 matrix on the CPU
   */
  constructor(weight: Tensor, panels?: Tensor) {
    checkMatrix(weight);
    const [outputs = 0, inputs = 0] = weight.shape;
    this.#outputs = outputs;
    this.#panels = keep(panels ?? zeros([Math.ceil(outputs / PANEL), inputs, PANEL]));
    this.update(weight);
  }

  /** Memory of a packed matrix. */
  static byteLength(outputs: number, inputs: number): number {
    return 4 * Math.ceil(outputs / PANEL) * PANEL * inputs;
  }

  /**
   * Packs matrices one behind the other in memory of large pages, quickest when they are multiplied with in that order: the
   * beginning of each is fetched while the one before it is multiplied with. The memory is freed with the last of them.
   *
   * @param weights  float32 `[outputs, inputs]` each
   * @throws {ArgumentError} a weight is no float32 matrix on the CPU
   */
  static inOrder(weights: readonly Tensor[]): PackedWeight[] {
    weights.forEach(checkMatrix);
    return tidy(() => {
      const shapes = weights.map(({ shape: [outputs = 0, inputs = 0] }) => [Math.ceil(outputs / PANEL), inputs, PANEL]);
      const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
      const memory = zerosInLargePages([sizes.reduce((sum, size) => sum + size, 0)]);
      let start = 0;
      return weights.map((weight, i) => {
        const panels = memory.narrow(0, start, sizes[i] ?? 0).view(shapes[i] ?? []);
        start += sizes[i] ?? 0;
        return new PackedWeight(weight, panels);
      });
    });
  }

  /**
   * Copies a matrix of the same shape in; recorded programs multiply with it from then on.
   *
   * @throws {ArgumentError} it has another shape
   */
  update(weight: Tensor): void {
    const inputs = this.#panels.size(1);
    if (weight.shape.join() !== [this.#outputs, inputs].join() || weight.dtype !== "float32") {
      throw new ArgumentError(
        `PackedWeight: expected float32 [${this.#outputs}, ${inputs}], got ${weight.dtype} [${weight.shape.join(", ")}]`,
      );
    }
    const whole = Math.floor(this.#outputs / PANEL);
    tidy(() => {
      const source = weight.detach();
      this.#panels
        .narrow(0, 0, whole)
        .transpose(1, 2)
        .copy_(source.narrow(0, 0, whole * PANEL).view([whole, PANEL, inputs]));
      const rest = this.#outputs - whole * PANEL;
      if (rest === 0) return;
      this.#panels
        .select(0, whole)
        .narrow(1, 0, rest)
        .copy_(source.narrow(0, whole * PANEL, rest).transpose(0, 1));
    });
  }

  /**
   * input · weightᵀ + bias, to the bit as `linear` computes it; not differentiable.
   *
   * @param input  float32 `[…, inputs]`
   * @param bias   float32 `[outputs]`
   * @returns `[…, outputs]`
   * @throws {TorchError} shapes do not fit, or a gradient is asked for
   */
  linear(input: Tensor, bias: Tensor | null = null): Tensor {
    return packedLinear(input, this.#panels, this.#outputs, bias);
  }

  dispose(): void {
    this.#panels.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkMatrix(weight: Tensor): void {
  liveHandles([weight], "PackedWeight", "weight");
  if (weight.ndim === 2 && weight.dtype === "float32" && weight.device === "cpu") return;
  throw new ArgumentError(
    `PackedWeight: expected a float32 matrix on the CPU, got ${weight.dtype} [${weight.shape.join(", ")}] on ${weight.device}`,
  );
}

/** Checking gradients by central differences, which know nothing of autograd. */
import { fromTypedArray, grad, noGrad, type Tensor, tidy } from "../index.ts";
import { upstream } from "./golden.ts";

/** With float64, the error of central differences is about step², that of rounding 1e-16 / step. */
const STEP = 1e-5;

/**
 * Compares autograd's gradient of a function with its central differences, element by element. The function's output
 * is reduced to a number by fixed uneven weights, so that errors don't cancel.
 *
 * @param body    of float64 tensors; the same result each time
 * @param inputs  float64 leaves of the graph that require a gradient
 * @returns for each input the largest error, as part of the gradient's size where that is above 1
 * @throws {RangeError} an input is not float64: the differences would be noise
 */
export function gradientErrors(body: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): number[] {
  for (const { dtype } of inputs) if (dtype !== "float64") throw new RangeError(`inputs must be float64, got ${dtype}`);
  return tidy(() => {
    const output = body(...inputs);
    const weights = upstream(output);
    const gradients = grad(output, inputs, weights, { allowUnused: true });
    const valueAt = (changed: readonly Tensor[]) =>
      noGrad(() =>
        tidy(() =>
          body(...changed)
            .mul(weights)
            .sum()
            .item(),
        ),
      );
    return inputs.map((input, at) => {
      const analytic = gradients[at]?.toTypedArray();
      const differences = centralDifferences(input, (moved) => valueAt(inputs.with(at, moved)));
      const errors = differences.map((numeric, i) => {
        const exact = Number(analytic?.[i] ?? 0);
        return Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric));
      });
      return Math.max(0, ...errors);
    });
  });
}

function centralDifferences(input: Tensor, valueAt: (moved: Tensor) => number): number[] {
  const values = Float64Array.from(input.toTypedArray(), Number);
  const moved = (element: number, by: number) =>
    tidy(() => valueAt(fromTypedArray(values.with(element, (values[element] ?? 0) + by), input.shape)));
  return Array.from(values, (_, i) => (moved(i, STEP) - moved(i, -STEP)) / (2 * STEP));
}

/**
 * Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): `body` is computed without keeping what its gradients
 * need; the backward pass computes it again. The operators of `body` are written down while it runs and replayed
 * natively, so JavaScript is not called from the backward pass, and weights that `body` uses get their gradients.
 */
import { ArgumentError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { tidy } from "./scope.ts";
import { liveHandles, type Tensor } from "./tensor.ts";

/**
 * Runs `body(...inputs)`; gradients through the result are those of the same call without `checkpoint`, to the bit.
 *
 * @param body    computes tensors from `inputs` and from tensors it closes over; it may not read values, draw random
 *                numbers or write to tensors made outside
 * @param inputs  distinct tensors
 * @returns what `body` returned, owned by the caller
 * @throws {ArgumentError} `body` did what it may not, or returned something else than tensors
 */
export function checkpoint(body: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor;
export function checkpoint(body: (...inputs: Tensor[]) => Tensor[], inputs: readonly Tensor[]): Tensor[];
export function checkpoint(
  body: (...inputs: Tensor[]) => Tensor | Tensor[],
  inputs: readonly Tensor[],
): Tensor | Tensor[] {
  if (typeof body !== "function")
    throw new ArgumentError(`checkpoint(): the body must be a function, got ${typeof body}`);
  const handles = liveHandles(inputs, "checkpoint", "inputs");
  binding.recordBegin(handles, true);
  let isRecording = true;
  try {
    let isSingle = false;
    const tied = tidy(() => {
      const result = body(...inputs);
      isSingle = !Array.isArray(result);
      const outputs = liveHandles(Array.isArray(result) ? result : [result], "checkpoint", "the body's results");
      isRecording = false;
      return binding.checkpointEnd(handles, outputs);
    });
    const [first, ...others] = tied.map(own);
    return isSingle && first ? first : first ? [first, ...others] : [];
  } finally {
    if (isRecording) binding.recordAbort();
  }
}

/** Differentiation by libtorch's autograd. */

import { checkedOptions } from "./checked-options.ts";
import { ArgumentError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { liveHandle, liveHandles, type Tensor } from "./tensor.ts";

/**
 * Runs `body` without recording for differentiation. Synchronous, because the mode is the thread's.
 *
 * @throws {ArgumentError} `body` returned a promise
 */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body, "noGrad");
}

/** Runs `body` with recording, inside a {@link noGrad}. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body, "enableGrad");
}

/** Whether operators are being recorded for differentiation. */
export function isGradEnabled(): boolean {
  return binding.gradEnabled();
}

/** Options of {@link backward} and {@link grad}. */
export interface GradOptions {
  /** Keep the graph for another pass. */
  readonly retainGraph?: boolean;
  /** Record the differentiation itself, for derivatives of derivatives. */
  readonly createGraph?: boolean;
}

/**
 * Adds the gradient of `outputs` to the `grad()` of every leaf that requires one.
 *
 * @param outputs      usually one loss, a tensor of one element
 * @param gradOutputs  the gradient of each output; null, or none at all, means one and needs a single element
 */
export function backward(
  outputs: Tensor | readonly Tensor[],
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null,
  options: GradOptions = {},
): void {
  const { retainGraph = false, createGraph = false } = checkedOptions(options, "backward");
  const roots = liveHandles(asList(outputs), "backward", "outputs");
  binding.backward(
    roots,
    rootGradients(roots.length, gradOutputs, "backward"),
    retainGraph || createGraph,
    createGraph,
  );
}

/**
 * Gradients of `outputs` with respect to `inputs`, as tensors of the caller's; nothing is accumulated.
 *
 * @returns one gradient per input, of its shape; null for an input the outputs don't depend on, if `allowUnused`
 * @throws {TorchError} an input is unused and `allowUnused` is false
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null,
  options?: GradOptions & { readonly allowUnused?: false },
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: Tensor | readonly (Tensor | null)[] | null | undefined,
  options: GradOptions & { readonly allowUnused: boolean },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null,
  options: GradOptions & { readonly allowUnused?: boolean } = {},
): (Tensor | null)[] {
  const { retainGraph = false, createGraph = false, allowUnused = false } = checkedOptions(options, "grad");
  const roots = liveHandles(asList(outputs), "grad", "outputs");
  const handles = binding.grad(
    roots,
    rootGradients(roots.length, gradOutputs, "grad"),
    liveHandles(inputs, "grad", "inputs"),
    retainGraph || createGraph,
    createGraph,
    allowUnused,
  );
  return handles.map((handle) => (handle === 0 ? null : own(handle)));
}

function withGradMode<T>(enabled: boolean, body: () => T, name: string): T {
  if (typeof body !== "function") throw new ArgumentError(`${name}(): the body must be a function, got ${typeof body}`);
  const before = binding.setGradEnabled(enabled);
  try {
    const result = body();
    if (typeof result === "object" && result !== null && "then" in result && typeof result.then === "function") {
      throw new ArgumentError(`${name}() is synchronous, its body returned a promise. Await outside, compute inside.`);
    }
    return result;
  } finally {
    binding.setGradEnabled(before);
  }
}

function asList(tensors: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(tensors) ? tensors : [tensors as Tensor];
}

function rootGradients(
  roots: number,
  given: Tensor | readonly (Tensor | null)[] | null | undefined,
  operator: string,
): number[] {
  if (given === null || given === undefined) return new Array<number>(roots).fill(0);
  const handles: number[] = [];
  for (const one of Array.isArray(given) ? given : [given]) {
    handles.push(one === null ? 0 : liveHandle(one, operator, `gradOutputs[${handles.length}]`));
  }
  if (handles.length !== roots) {
    throw new ArgumentError(
      `${operator}: ${roots} outputs, but ${handles.length} gradOutputs. Give one, or null, for each.`,
    );
  }
  return handles;
}

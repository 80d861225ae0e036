/** Differentiation by libtorch's autograd. */
import { ArgumentError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { liveHandles, type Tensor } from "./tensor.ts";

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
  { retainGraph = false, createGraph = false }: GradOptions = {},
): void {
  const roots = asList(outputs);
  binding.backward(
    liveHandles(roots, "backward", "outputs"),
    rootGradients(roots, gradOutputs, "backward"),
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
  {
    retainGraph = false,
    createGraph = false,
    allowUnused = false,
  }: GradOptions & { readonly allowUnused?: boolean } = {},
): (Tensor | null)[] {
  const roots = asList(outputs);
  const handles = binding.grad(
    liveHandles(roots, "grad", "outputs"),
    rootGradients(roots, gradOutputs, "grad"),
    liveHandles(inputs, "grad", "inputs"),
    retainGraph || createGraph,
    createGraph,
    allowUnused,
  );
  return handles.map((handle) => (handle === 0 ? null : own(handle)));
}

function withGradMode<T>(enabled: boolean, body: () => T, name: string): T {
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
  roots: readonly Tensor[],
  given: Tensor | readonly (Tensor | null)[] | null | undefined,
  operator: string,
): number[] {
  const list = given === null || given === undefined ? roots.map(() => null) : Array.isArray(given) ? given : [given];
  if (list.length !== roots.length) {
    throw new ArgumentError(
      `${operator}: ${roots.length} outputs, but ${list.length} gradOutputs. Give one, or null, for each.`,
    );
  }
  return list.map((one: Tensor | null) => (one === null ? 0 : (liveHandles([one], operator, "gradOutputs")[0] ?? 0)));
}

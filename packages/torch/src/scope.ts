/** Lifetimes: `tidy` for a computation, `TensorScope` where tensors outlive a call or cross an `await`. */
import { ArgumentError } from "./errors.ts";
import { binding, scopes } from "./native.ts";
import type { ScopeMembers } from "./scope-stack.ts";
import { liveHandle, Tensor } from "./tensor.ts";

/**
 * Runs `body` and frees every tensor made inside it, except those in its result: a tensor, or arrays, plain objects,
 * Maps and Sets that hold tensors. Scopes nest; what one hands out belongs to the one around it.
 *
 * @throws {ArgumentError} `body` returned a promise: what runs after an `await` would run in a stranger's scope
 */
export function tidy<T>(body: () => T): T {
  const members: ScopeMembers = [];
  const kept = new Set<Tensor>();
  try {
    const result = scopes.within(members, body);
    if (isPromise(result)) {
      throw new ArgumentError(
        "tidy() is synchronous, its body returned a promise. Use `using scope = new TensorScope()` and scope.run().",
      );
    }
    collectTensors(result, kept, new Set());
    return result;
  } finally {
    scopes.end(members, kept);
  }
}

/** Takes a tensor out of the `tidy` that encloses this call: it lives until it is disposed of. Returns it. */
export function keep(tensor: Tensor): Tensor {
  liveHandle(tensor, "keep", "the tensor");
  scopes.move(tensor, undefined);
  return tensor;
}

/** How many native tensors this thread holds. A program that frees what it makes returns to where it was. */
export function liveTensorCount(): number {
  return binding.liveTensors();
}

/** How many tensors the garbage collector freed because nobody else did. It stays 0 in a program without leaks. */
export function collectedTensorCount(): number {
  return scopes.collected;
}

/** A scope with an end of its own: `using scope = new TensorScope()` frees its tensors when the block is left. */
export class TensorScope implements Disposable {
  readonly #members: ScopeMembers = [];

  /** Runs `body`; the tensors made inside it belong to this scope. Synchronous, but may be called many times. */
  run<T>(body: () => T): T {
    const result = scopes.within(this.#members, body);
    if (isPromise(result)) {
      throw new ArgumentError("TensorScope.run() is synchronous, its body returned a promise. Await between runs.");
    }
    return result;
  }

  /** Makes an existing tensor belong to this scope. Returns it. */
  add(tensor: Tensor): Tensor {
    liveHandle(tensor, "TensorScope.add", "the tensor");
    scopes.move(tensor, this.#members);
    return tensor;
  }

  /** How many living tensors it holds. */
  get size(): number {
    return this.#members.filter((member) => !member.isDisposed).length;
  }

  dispose(): void {
    scopes.end(this.#members, new Set());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function collectTensors(value: unknown, found: Set<Tensor>, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  if (value instanceof Tensor) {
    found.add(value);
    return;
  }
  seen.add(value);
  if (Array.isArray(value) || value instanceof Set) {
    for (const element of value) collectTensors(element, found, seen);
  } else if (value instanceof Map) {
    for (const element of value.values()) collectTensors(element, found, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const element of Object.values(value)) collectTensors(element, found, seen);
  }
}

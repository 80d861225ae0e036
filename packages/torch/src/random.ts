/** Random numbers: explicit generators with a state that can be saved. Nothing here draws from a hidden global one. */
import { described } from "./call-writer.ts";
import { type Device, deviceCode } from "./device.ts";
import { ArgumentError, UseAfterFreeError } from "./errors.ts";
import { binding, own, registerClasses } from "./native.ts";
import { liveHandle, type Tensor } from "./tensor.ts";

/** A stream of random numbers on one device; the same seed gives the same stream on the same libtorch. */
export class Generator implements Disposable {
  #handle: number;

  /**
   * @param seed  a safe integer ≥ 0
   * @throws {ArgumentError} the seed is no such integer
   */
  constructor(seed: number, device: Device = "cpu") {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ArgumentError(`a seed must be a safe integer ≥ 0, got ${described(seed)}`);
    }
    this.#handle = binding.createGenerator(codeOf(device), seed);
    finalizer.register(this, this.#handle, this);
  }

  /** The native handle, 0 once disposed of; -1 for anything that is no generator. */
  static handleOf(value: unknown): number {
    return typeof value === "object" && value !== null && #handle in value ? value.#handle : -1;
  }

  /** Where the stream is: a uint8 tensor to save. */
  getState(): Tensor {
    return own(binding.generatorState(this.#live("getState")));
  }

  /** Puts the stream back to where {@link getState} was called, on the same kind of device. */
  setState(state: Tensor): void {
    binding.setGeneratorState(this.#live("setState"), liveHandle(state, "setState", "state"));
  }

  dispose(): void {
    if (this.#handle === 0) return;
    binding.releaseGenerator(this.#handle);
    finalizer.unregister(this);
    this.#handle = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(operator: string): number {
    if (this.#handle === 0) throw new UseAfterFreeError(operator, "the generator");
    return this.#handle;
  }
}

const finalizer: FinalizationRegistry<number> = new FinalizationRegistry((handle) => {
  binding.releaseGenerator(handle);
});

registerClasses({ readGenerator: (value) => Generator.handleOf(value) });

/**
 * Seeds libtorch's own generator of a device. Only for operators that can't be given one: dropout, and attention with
 * dropout.
 */
export function manualSeed(seed: number, device: Device = "cpu"): void {
  binding.manualSeed(codeOf(device), seed);
}

function codeOf(device: Device): number {
  if (typeof device !== "string") throw new ArgumentError(`device must be a string, got ${typeof device}`);
  return deviceCode(device);
}

/**
 * Programs: a sequence of operator calls recorded once and replayed natively with new inputs. A replay does not cross
 * into JavaScript between operators, writes results into buffers of earlier replays where nothing can tell, and runs
 * off the event loop. Whole training steps can be recorded: backward, gradients and in-place updates included.
 */
import { ArgumentError, UseAfterFreeError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { tidy } from "./scope.ts";
import { liveHandles, type Tensor } from "./tensor.ts";

/** What a program consists of. */
export interface ProgramFacts {
  /** Steps of a replay, an operator call or a differentiation each. */
  readonly instructions: number;
  /** Of those, the calls that may write into a used buffer. */
  readonly reusing: number;
  /** Tensors from outside, such as weights, which a replay reads, and writes where the recording did. */
  readonly captured: number;
}

export class Program implements Disposable {
  #handle: number;

  /** Made by {@link record}. */
  constructor(handle: number) {
    if (!Number.isSafeInteger(handle)) throw new ArgumentError("a Program is made by record()");
    this.#handle = handle;
    finalizer.register(this, handle, this);
  }

  /**
   * Replays on a background thread. Replays of one thread run one after another, in the order they were asked for.
   * Until the promise settles, what the program reads or writes must not be written by others.
   *
   * @param inputs  as many as were recorded, each with the recorded shape, dtype, device and need of a gradient
   * @returns the results, owned by the caller (no scope holds them: scopes don't reach across an `await`)
   * @throws {ArgumentError} an input differs from the recorded one; at once, before anything runs
   */
  run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    return binding
      .programRun(this.#live("run"), liveHandles(inputs, "run", "inputs"))
      .then((handles) => handles.map(own));
  }

  /** The same on this thread, which waits. The results belong to the enclosing scope. */
  runSync(inputs: readonly Tensor[]): Tensor[] {
    return binding.programRunSync(this.#live("runSync"), liveHandles(inputs, "runSync", "inputs")).map(own);
  }

  get facts(): ProgramFacts {
    const [instructions = 0, reusing = 0, captured = 0] = binding.programFacts(this.#live("facts"));
    return { instructions, reusing, captured };
  }

  dispose(): void {
    if (this.#handle === 0) return;
    binding.releaseProgram(this.#handle);
    finalizer.unregister(this);
    this.#handle = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(operator: string): number {
    if (this.#handle === 0) throw new UseAfterFreeError(operator, "the program");
    return this.#handle;
  }
}

const finalizer: FinalizationRegistry<number> = new FinalizationRegistry((handle) => {
  binding.releaseProgram(handle);
});

/**
 * Runs `body(...inputs)` for real and records what it does.
 *
 * What is recorded is the sequence of operators, with the numbers they were given: a size or a branch that depends on
 * JavaScript values is frozen, and reading a tensor's values is refused. Tensors from outside are captured by
 * reference.
 *
 * @param inputs  distinct tensors that look like those of later replays
 * @returns the program, and what this first run gave
 * @throws {ArgumentError} `body` read a tensor's values, or returned something else than tensors
 */
export function record(
  body: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
): { program: Program; outputs: Tensor[] } {
  if (typeof body !== "function") throw new ArgumentError(`record(): the body must be a function, got ${typeof body}`);
  binding.recordBegin(liveHandles(inputs, "record", "inputs"), false);
  let isRecording = true;
  try {
    return tidy(() => {
      const outputs = body(...inputs);
      if (!Array.isArray(outputs)) throw new ArgumentError("record(): the body must return an array of tensors");
      const handles = liveHandles(outputs, "record", "the body's results");
      isRecording = false;
      return { program: new Program(binding.recordEnd(handles)), outputs: [...outputs] };
    });
  } finally {
    if (isRecording) binding.recordAbort();
  }
}

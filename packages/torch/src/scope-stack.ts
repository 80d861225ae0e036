/**
 * Who frees tensors. A tensor belongs to the innermost scope at its birth and dies with it; one born outside every
 * scope, or handed out of the outermost, belongs to its holder and, should the holder forget it, to the collector.
 */
import type { Binding } from "./addon.ts";
import { ArgumentError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { TensorHandle } from "./tensor-handle.ts";

/** The tensors of one scope, in order of birth. */
export type ScopeMembers = Tensor[];

export class ScopeStack {
  readonly #binding: Binding;
  readonly #collector: FinalizationRegistry<number>;
  #members: ScopeMembers | undefined;
  #room: (length: number) => Float64Array = (length) => new Float64Array(length);
  #collected = 0;

  constructor(binding: Binding) {
    this.#binding = binding;
    this.#collector = new FinalizationRegistry((handle) => {
      if (binding.release(handle)) this.#collected++;
    });
  }

  /** Where to write handles that are released together. */
  useRoom(room: (length: number) => Float64Array): void {
    this.#room = room;
  }

  /** How many tensors the garbage collector had to free because nobody else did. */
  get collected(): number {
    return this.#collected;
  }

  /** Gives a tensor to the innermost scope, or to its holder when there is none. */
  adopt(tensor: Tensor, handle: number): void {
    this.#give(tensor, handle, this.#members);
  }

  /** Gives a tensor that nobody owns to a scope, or to its holder. */
  #give(tensor: Tensor, handle: number, owner: ScopeMembers | undefined): void {
    TensorHandle.setOwner(tensor, owner);
    if (owner) owner.push(tensor);
    else this.#collector.register(tensor, handle, tensor);
  }

  /** Frees a tensor now. Freeing it twice is harmless. */
  dispose(tensor: Tensor): void {
    const handle = TensorHandle.takeHandle(tensor);
    if (handle === 0) return;
    this.#binding.release(handle);
    if (!TensorHandle.ownerOf(tensor)) this.#collector.unregister(tensor);
  }

  /** Runs `body` with `members` as the innermost scope. */
  within<T>(members: ScopeMembers, body: () => T): T {
    if (typeof body !== "function") throw new ArgumentError(`a scope runs a function, got ${typeof body}`);
    const outer = this.#members;
    this.#members = members;
    try {
      return body();
    } finally {
      this.#members = outer;
    }
  }

  /** Frees every member that is not among `kept`, and hands those to the scope around. */
  end(members: ScopeMembers, kept: ReadonlySet<Tensor>): void {
    const room = this.#room(members.length);
    let count = 0;
    for (const member of members) {
      const handle = TensorHandle.handleOf(member);
      if (handle === 0) continue;
      if (kept.has(member)) this.adopt(member, handle);
      else room[count++] = TensorHandle.takeHandle(member);
    }
    members.length = 0;
    if (count > 0) this.#binding.releaseMany(count);
  }

  /** Makes a live tensor a scope's, or its holder's own, whoever owned it before. */
  move(tensor: Tensor, owner: ScopeMembers | undefined): void {
    const before = TensorHandle.ownerOf(tensor);
    if (before) before.splice(before.lastIndexOf(tensor), 1);
    else this.#collector.unregister(tensor);
    this.#give(tensor, TensorHandle.handleOf(tensor), owner);
  }
}

/**
 * Decoding by replay. One token for each running sequence is the same sequence of operators step after step, until the
 * number of sequences (and of keys, where attention is not the addon's own) changes: it is recorded once and replayed natively, without crossing into JavaScript
 * for each of a hundred operators a layer.
 */
import { noGrad, type Program, record, type Tensor, tidy } from "@zerosearch/torch";
import { computePass, type NewTokens, type PassContext, type PassInputs, passInputs, planPass } from "./cached-pass.ts";

/** Programs kept; each holds buffers for its results. */
const MOST_PROGRAMS = 8;

export class DecodePrograms implements Disposable {
  readonly #context: PassContext;
  /** By batch and keys read, the one used longest ago first. */
  readonly #programs = new Map<string, Program>();

  constructor(context: PassContext) {
    this.#context = context;
  }

  /**
   * One token of each of the cache's first slots.
   *
   * @returns (rows, V): logits of the sequences in order, then of filler rows; owned by the caller
   */
  logits(sequences: readonly NewTokens[]): Tensor {
    return noGrad(() =>
      tidy(() => {
        const plan = planPass(this.#context, sequences);
        const { tokens, positions, slots } = passInputs(this.#context, sequences);
        const inputs = [tokens, positions, slots];
        const key = `${plan.batch} ${plan.masked?.keys ?? "all"}`;
        const known = this.#programs.get(key);
        this.#programs.delete(key);
        if (known) {
          this.#programs.set(key, known);
          return first(known.runSync(inputs));
        }
        const body = (tokens: Tensor, positions: Tensor, slots: Tensor): Tensor[] => {
          const given: PassInputs = { tokens, positions, slots };
          const { decoder, weights } = this.#context;
          return [decoder.logits(computePass(this.#context, plan, given), weights?.linear)];
        };
        const { program, outputs } = record(body as (...inputs: Tensor[]) => Tensor[], inputs);
        this.#programs.set(key, program);
        for (const [oldest, old] of this.#programs) {
          if (this.#programs.size <= MOST_PROGRAMS) break;
          this.#programs.delete(oldest);
          old.dispose();
        }
        return first(outputs);
      }),
    );
  }

  /** Forgets the programs, which hold the cache's tables that they were recorded on. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function first(tensors: readonly Tensor[]): Tensor {
  const [tensor] = tensors;
  if (!tensor) throw new RangeError("internal: a decode program gives its logits");
  return tensor;
}

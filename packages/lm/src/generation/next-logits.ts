/** From new tokens to the logits of what comes next: by replay where every sequence has one new token, else by a pass. */
import { type Tensor, tidy } from "@zerosearch/torch";
import { int64 } from "../nn/int64.ts";
import { cachedPass, type NewTokens, type PassContext, passRows } from "./cached-pass.ts";
import { DecodePrograms } from "./decode-programs.ts";

export class NextLogits implements Disposable {
  readonly #context: PassContext;
  readonly #programs: DecodePrograms;

  constructor(context: PassContext) {
    this.#context = context;
    this.#programs = new DecodePrograms(context);
  }

  /**
   * Runs the batch through the decoder, which fills the cache.
   *
   * @param rows  those of the batch whose next tokens are due
   * @returns (rows, V), owned by the caller; undefined where no row is due
   */
  compute(batch: readonly NewTokens[], rows: readonly number[]): Tensor | undefined {
    return tidy(() => {
      const isDecode =
        rows.length === batch.length && batch.every(({ slot, tokens }, i) => slot === i && tokens.length === 1);
      if (isDecode) return this.#programs.logits(batch).narrow(0, 0, batch.length);
      const hidden = cachedPass(this.#context, batch); // (n, E)
      return rows.length === 0 ? undefined : this.#logitsOf(hidden, rows);
    });
  }

  /** Forgets what holds the cache's tables. */
  dispose(): void {
    this.#programs.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Filled up to the grid of exact numerics. */
  #logitsOf(hidden: Tensor, rows: readonly number[]): Tensor {
    const count = passRows(this.#context, rows.length);
    const filler = new Array<number>(count - rows.length).fill(rows[0] ?? 0);
    const chosen = hidden.indexSelect(0, int64([...rows, ...filler], hidden.device));
    const { decoder, weights } = this.#context;
    return decoder.logits(chosen, weights?.linear).narrow(0, 0, rows.length);
  }
}

/**
 * Sequences of different lengths laid end to end, without padding between them. In `exact` numerics a few rows that
 * belong to no sequence follow at the end.
 */
import { type Device, fromTypedArray, type Tensor } from "@zerosearch/torch";
import { type Numerics, roundUp } from "./numerics.ts";

/** Tokens of several sequences. Dispose of it when done. */
export class PackedSequences implements Disposable {
  readonly lengths: readonly number[];
  readonly numerics: Numerics;
  /** int64 (N), row after row of every sequence. */
  readonly tokens: Tensor;
  /** int64 (N): where in its sequence each row stands. */
  readonly positions: Tensor;

  /** @param sequences  token ids, none of them empty */
  constructor(sequences: readonly (readonly number[])[], numerics: Numerics, device: Device = "cpu") {
    this.lengths = sequences.map((sequence) => sequence.length);
    this.numerics = numerics;
    if (sequences.length === 0 || this.lengths.includes(0)) {
      throw new RangeError(`a pack needs sequences of at least one token, got lengths [${this.lengths.join(", ")}]`);
    }
    const rows = roundUp(this.tokenCount, numerics.rowMultiple);
    const tokens = new BigInt64Array(rows);
    const positions = new BigInt64Array(rows);
    let row = 0;
    for (const sequence of sequences) {
      for (const [position, token] of sequence.entries()) {
        tokens[row] = BigInt(token);
        positions[row] = BigInt(position);
        row++;
      }
    }
    this.tokens = fromTypedArray(tokens, [rows], { device });
    this.positions = fromTypedArray(positions, [rows], { device });
  }

  /** Tokens of the sequences, without the rows that follow. */
  get tokenCount(): number {
    return this.lengths.reduce((sum, length) => sum + length, 0);
  }

  /** The row at which each sequence starts. */
  get starts(): number[] {
    const starts: number[] = [];
    let start = 0;
    for (const length of this.lengths) {
      starts.push(start);
      start += length;
    }
    return starts;
  }

  dispose(): void {
    this.tokens.dispose();
    this.positions.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Rotary position embedding (Su et al. 2021, arXiv 2104.09864), halves rotated as in the checkpoints' own code. */
import { cat, fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";
import type { RopeConfig } from "../models/decoder-config.ts";
import { roundUp } from "./numerics.ts";
import { onWholeRows } from "./whole-rows.ts";

/** What turns the heads of every token, (N, 1, D) each: cos, and sin with the sign that its half needs. */
export interface Rotation {
  readonly cos: Tensor;
  readonly signedSin: Tensor;
}

/** A rotation whose tensors are computed from another's. */
export function mapRotation({ cos, signedSin }: Rotation, compute: (x: Tensor) => Tensor): Rotation {
  return { cos: compute(cos), signedSin: compute(signedSin) };
}

/** Angular frequencies of the D/2 pairs of a head. */
export function rotaryFrequencies({ theta, scaling }: RopeConfig, headSize: number): Float32Array {
  return Float32Array.from({ length: headSize / 2 }, (_, pair) => {
    const frequency = 1 / theta ** ((2 * pair) / headSize);
    switch (scaling.kind) {
      case "none":
        return frequency;
      case "linear":
        return frequency / scaling.factor;
      case "llama3": {
        // Llama 3.1: long waves are stretched by the factor, short ones kept, those between interpolated.
        const turns = (scaling.originalMaxPositions * frequency) / (2 * Math.PI);
        const { lowFrequencyFactor: low, highFrequencyFactor: high, factor } = scaling;
        const smooth = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return ((1 - smooth) * frequency) / factor + smooth * frequency;
      }
      default:
        return scaling satisfies never;
    }
  });
}

/** Vectors of every kernel in use divide it. */
const LANES = 16;
/** Sine and cosine are cut for threads earlier than other operators. */
const SERIAL_ANGLES = 2048;

/**
 * The rotations of tokens at the given positions, float32. Sine and cosine of a whole vector are computed one way or another
 * depending on its largest angle, so a token's angles fill vectors of their own: its bits do not depend on its neighbours.
 *
 * @param positions  (N), int64
 */
export function rotationAt(positions: Tensor, frequencies: Float32Array): Rotation {
  return tidy(() => {
    const padded = new Float32Array(roundUp(frequencies.length, LANES));
    padded.set(frequencies);
    const row = fromTypedArray(padded, [1, padded.length], { device: positions.device });
    const angles = positions.to("float32").unsqueeze(1).mul(row);
    const half = (x: Tensor): Tensor => x.narrow(1, 0, frequencies.length); // (N, D/2)
    const cos = half(onWholeRows([angles], (rows) => rows.cos(), SERIAL_ANGLES));
    const sin = half(onWholeRows([angles], (rows) => rows.sin(), SERIAL_ANGLES));
    return {
      cos: cat([cos, cos], -1).unsqueeze(1),
      signedSin: cat([sin.neg(), sin], -1).unsqueeze(1),
    };
  });
}

/** Rotates heads: (N, H, D) → (N, H, D). Rolling by half a head exchanges its halves. */
export function rotate(x: Tensor, { cos, signedSin }: Rotation): Tensor {
  return tidy(() =>
    onWholeRows([x, cos, signedSin], (heads, byCos, bySin) =>
      heads.mul(byCos).addcmul(heads.roll(heads.size(-1) / 2, -1), bySin),
    ),
  );
}

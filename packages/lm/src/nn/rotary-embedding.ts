/** Rotary position embedding (Su et al. 2021, arXiv 2104.09864), halves rotated as in the checkpoints' own code. */
import { cat, type Dtype, fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";
import type { RopeConfig } from "../models/decoder-config.ts";

/** cos and sin of every token's angles, each (N, 1, D). */
export interface Rotation {
  readonly cos: Tensor;
  readonly sin: Tensor;
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

/**
 * The rotations of tokens at the given positions.
 *
 * @param positions  (N), int64
 */
export function rotationAt(positions: Tensor, frequencies: Float32Array, dtype: Dtype): Rotation {
  return tidy(() => {
    const row = fromTypedArray(frequencies, [1, frequencies.length], { device: positions.device }); // (1, D/2)
    const angles = positions.to("float32").unsqueeze(1).mul(row); // (N, D/2)
    const both = cat([angles, angles], -1).unsqueeze(1); // (N, 1, D)
    return { cos: both.cos().to(dtype), sin: both.sin().to(dtype) };
  });
}

/** Rotates heads: (N, H, D) → (N, H, D). */
export function rotate(x: Tensor, { cos, sin }: Rotation): Tensor {
  return tidy(() => {
    const half = x.size(-1) / 2;
    const turned = cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
    return x.mul(cos).add(turned.mul(sin));
  });
}

/** Trajectories as a decoder computes them: packed end to end, with the rows whose states chose the policy's tokens. */
import { type Decoder, fullAttention, type Numerics, PackedSequences } from "@zerosearch/lm";
import { type Device, fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";
import { tokenSequence } from "../rollout/policy-tokens.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/** What of a trajectory has to be computed. */
export interface PolicyText {
  /** As far as the state that chose the last policy token; that token and what follows it need no computing. */
  readonly tokens: readonly number[];
  /** For every policy token, the position before it: its state chose the token. */
  readonly statePositions: readonly number[];
  /** The policy tokens. */
  readonly targets: readonly number[];
}

/**
 * The part of a trajectory that log-probabilities and values come from.
 *
 * @throws {RangeError} the policy wrote nothing, or its first token stands at the very start
 */
export function policyText(trajectory: Trajectory): PolicyText {
  const { tokens, isPolicyToken } = tokenSequence(trajectory);
  const positions = tokens.flatMap((_, position) => (isPolicyToken[position] ? [position] : []));
  const [first, last] = [positions[0], positions.at(-1)];
  if (first === undefined || last === undefined || first === 0) {
    const { questionId, sample } = trajectory.key;
    throw new RangeError(
      `rollout ${sample} of question ${questionId} must hold a prompt and then tokens of the policy, its first policy ` +
        `token is at ${first ?? "no"} position. Leave it out of the batch.`,
    );
  }
  return {
    tokens: tokens.slice(0, last),
    statePositions: positions.map((position) => position - 1),
    targets: positions.map((position) => tokens[position] ?? 0),
  };
}

/** A micro-batch on a device: M policy tokens of B trajectories. Its tensors belong to the enclosing `tidy`. */
export interface PackedRollouts {
  readonly packed: PackedSequences;
  /** int64 (M): rows of the pack whose states chose the policy tokens. */
  readonly stateRows: Tensor;
  /** int64 (M) */
  readonly targets: Tensor;
  /** int64 (M): which of the trajectories each token belongs to. */
  readonly owners: Tensor;
  /** B */
  readonly count: number;
}

export function packRollouts(texts: readonly PolicyText[], numerics: Numerics, device: Device): PackedRollouts {
  const packed = new PackedSequences(
    texts.map(({ tokens }) => tokens),
    numerics,
    device,
  );
  const { starts } = packed;
  const int64 = (values: readonly number[]): Tensor =>
    fromTypedArray(BigInt64Array.from(values, BigInt), [values.length], { device });
  return {
    packed,
    stateRows: int64(texts.flatMap((text, i) => text.statePositions.map((position) => (starts[i] ?? 0) + position))),
    targets: int64(texts.flatMap(({ targets }) => targets)),
    owners: int64(texts.flatMap(({ targets }, i) => targets.map(() => i))),
    count: texts.length,
  };
}

/** Hidden states that chose the policy tokens: (M, E). Observations are read, but nothing is asked of their states. */
export function choosingStates(
  decoder: Decoder,
  { packed, stateRows }: PackedRollouts,
  options: { readonly checkpointLayers?: boolean } = {},
): Tensor {
  return tidy(() => {
    const attention = fullAttention(packed, decoder.embeddings);
    return decoder.forward(packed.tokens, packed.positions, attention, options).indexSelect(0, stateRows);
  });
}

/** The golden files of scripts/make-golden.py: values that PyTorch computed, read and turned into tensors. */
import { readFileSync } from "node:fs";
import type { AdamWOptions, AttentionOptions, Dtype } from "../index.ts";
import { fromTypedArray, noGrad, type Tensor } from "../index.ts";

/** A tensor in a golden file. NaN, infinities and integers beyond 2⁵³ are strings. */
export interface GoldenTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** In row-major order, whatever the order in memory. */
  readonly values: readonly (number | string)[];
  readonly requiresGrad?: boolean;
  /** The two dimensions that are exchanged in memory, so that the tensor is not contiguous. */
  readonly transposed?: readonly [number, number];
}

/** An argument of an operator in a golden file; `{ number }` is one that JSON can't write. */
export type GoldenArgument =
  | null
  | boolean
  | number
  | string
  | { readonly number: string }
  | GoldenTensor
  | readonly GoldenArgument[];

/** One call of an operator and what came of it. */
export interface GoldenCase {
  readonly name: string;
  /** As in ops.txt. */
  readonly operator: string;
  /** In TypeScript: a method of the first argument, or a function. */
  readonly method?: string;
  readonly function?: string;
  readonly args: readonly GoldenArgument[];
  readonly options?: Readonly<Record<string, GoldenArgument>>;
  /** Every libtorch gives these very bits. */
  readonly exact?: boolean;
  readonly outputs: readonly (GoldenTensor | boolean)[];
  /** Which outputs the gradients are of. */
  readonly roots?: readonly number[];
  /** One for every tensor that requires one, in order; null where none arrives. */
  readonly gradients?: readonly (GoldenTensor | null)[];
}

/** One call of attention(). The gradients are of query, key, value and, if it requires one, the mask. */
interface GoldenAttention {
  readonly name: string;
  readonly query: GoldenTensor;
  readonly key: GoldenTensor;
  readonly value: GoldenTensor;
  readonly mask?: GoldenTensor;
  readonly options: Omit<AttentionOptions, "mask">;
  readonly output: GoldenTensor;
  readonly gradients: readonly GoldenTensor[];
}

/** A run of adamwStep(): where it starts, and each step's gradients and results. */
interface GoldenAdamW {
  readonly name: string;
  readonly options: Omit<AdamWOptions, "step">;
  readonly parameters: readonly GoldenTensor[];
  readonly steps: readonly {
    readonly gradients: readonly GoldenTensor[];
    readonly parameters: readonly GoldenTensor[];
    readonly firstMoments: readonly GoldenTensor[];
    readonly secondMoments: readonly GoldenTensor[];
  }[];
}

/** test/golden/torch-ops.json */
export interface GoldenOps {
  readonly torch: string;
  readonly python: string;
  /** Operators that can't be compared, and why. */
  readonly excluded: Readonly<Record<string, string>>;
  readonly composites: {
    readonly attention: readonly GoldenAttention[];
    readonly adamw: readonly GoldenAdamW[];
  };
  readonly cases: readonly GoldenCase[];
}

export function readGoldenOps(): GoldenOps {
  return JSON.parse(readFileSync(new URL("../../../../test/golden/torch-ops.json", import.meta.url), "utf8"));
}

export function isGoldenTensor(value: GoldenArgument): value is GoldenTensor {
  return typeof value === "object" && value !== null && "dtype" in value;
}

/** The tensor a golden file describes; a leaf of the graph where it requires a gradient. */
export function makeTensor({ dtype, shape, values, requiresGrad = false, transposed }: GoldenTensor): Tensor {
  const made = noGrad(() => {
    const array = dtype === "int64" ? BigInt64Array.from(values, BigInt) : Float64Array.from(values, Number);
    const plain = fromTypedArray(array, shape, { dtype });
    if (!transposed) return plain;
    const [a, b] = transposed;
    return plain.transpose(a, b).contiguous().transpose(a, b);
  });
  return requiresGrad ? made.requireGrad() : made;
}

/** The gradient that flows into an output: the rule stands in the golden file, and is written here a second time. */
export function upstream(output: Tensor): Tensor {
  const values = Float64Array.from({ length: output.numel }, (_, i) => (((7 * i + 3) % 11) - 5.5) / 4);
  return fromTypedArray(values, output.shape, { dtype: output.dtype });
}

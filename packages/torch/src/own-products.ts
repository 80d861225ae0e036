/** What the addon computes itself, in place of libtorch and the BLAS it is linked with: docs/decisions/0012. */
import type { Device } from "./device.ts";
import type { Dtype } from "./dtype.ts";

/**
 * Whether `mm`, `addmm`, `bmm`, `baddbmm` and what is built on them (`linear`, `matmul` of matrices; not products with a
 * vector) are the addon's own for such tensors: then each element is a sum in one order, and its bits depend neither on what
 * stands beside it nor on the number of threads.
 */
export function hasOwnProducts({ dtype, device }: { readonly dtype: Dtype; readonly device: Device }): boolean {
  return dtype === "float32" && device === "cpu";
}

/** Whether {@link causalAttention} and {@link cachedAttention} are to be had for such tensors; 16 bits are widened for them. */
export function hasOwnAttention({ dtype, device }: { readonly dtype: Dtype; readonly device: Device }): boolean {
  return device === "cpu" && (dtype === "float32" || dtype === "bfloat16" || dtype === "float16");
}

/** Columns that lie side by side in matrices that are laid out for products, as the addon has it. */
export const PANEL = 64;

/** Which matrix products the addon computes itself, in place of the linked BLAS: docs/decisions/0012. */
import type { Device } from "./device.ts";
import type { Dtype } from "./dtype.ts";

/**
 * Whether `mm`, `addmm`, `bmm`, `baddbmm` and what is built on them (`matmul`, `linear`) are the addon's own for such tensors:
 * then each element is a sum in one order, and its bits depend neither on what stands beside it nor on the number of threads.
 */
export function hasOwnProducts({ dtype, device }: { readonly dtype: Dtype; readonly device: Device }): boolean {
  return dtype === "float32" && device === "cpu";
}

/** Columns that lie side by side in matrices that are laid out for products, as the addon has it. */
export const PANEL = 64;

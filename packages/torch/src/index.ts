/** libtorch for TypeScript: tensors, autograd, programs. Knows nothing of language models. */

export { type AdamWOptions, type AdamWTensors, adamwStep } from "./adamw-step.ts";
export type { LibtorchFacts } from "./addon.ts";
export { type AttentionOptions, attention } from "./attention.ts";
export { checkpoint } from "./checkpoint.ts";
export { type CreationOptions, fromTypedArray, full, tensor } from "./creation.ts";
export type { Device } from "./device.ts";
export type { Dtype, TypedArray } from "./dtype.ts";
export { AddonError, ArgumentError, TorchError, UseAfterFreeError } from "./errors.ts";
export { backward, enableGrad, type GradOptions, grad, isGradEnabled, noGrad } from "./grad.ts";
export type { Index, Range } from "./indexing.ts";
export { zerosInLargePages } from "./large-pages.ts";
export { mapFile } from "./mapped-file.ts";
export {
  arange,
  cat,
  dropout,
  einsum,
  embedding,
  empty,
  eye,
  eyeRectangular,
  foreachAdd_,
  foreachAddcdiv_,
  foreachAddcmul_,
  foreachAddScalar_,
  foreachDiv_,
  foreachMul_,
  foreachMulList_,
  foreachNorm,
  foreachSqrt,
  foreachZero_,
  layerNorm,
  linear,
  linspace,
  nativeLayerNorm,
  ones,
  rand,
  randint,
  randn,
  randperm,
  searchsorted,
  stack,
  where,
  zeros,
} from "./ops.generated.ts";
export {
  type CachePositions,
  type CacheTables,
  cachedAttention,
  causalAttention,
  writeCache_,
} from "./own-attention.ts";
export { hasOwnAttention, hasOwnProducts, PANEL } from "./own-products.ts";
export { PackedWeight } from "./packed-linear.ts";
export { Program, type ProgramFacts, record } from "./program.ts";
export { Generator, manualSeed } from "./random.ts";
export {
  allocatedBytes,
  getThreads,
  type Libtorch,
  libtorch,
  multiplyAddRate,
  setThreads,
} from "./runtime.ts";
export type { Scalar } from "./scalar.ts";
export { collectedTensorCount, keep, liveTensorCount, TensorScope, tidy } from "./scope.ts";
export { type NestedArray, Tensor } from "./tensor.ts";

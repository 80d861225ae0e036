// Generated from ops.txt and libtorch's schemas by `npm run codegen`. DO NOT EDIT.

import type { Device } from "./device.ts";
import type { Dtype } from "./dtype.ts";
import { call } from "./native.ts";
import type { Generator } from "./random.ts";
import { isScalar, type Scalar } from "./scalar.ts";
import type { Tensor } from "./tensor.ts";
import { TensorHandle } from "./tensor-handle.ts";

/** The operators that take a tensor first. Each comment is the operator's schema in libtorch, whose documentation holds. */
export abstract class TensorOps extends TensorHandle {
  /** aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  zerosLike(options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
    call.begin(7);
    call.options(options);
    call.tensor(this, "self");
    call.optionalDtype(options.dtype ?? null, "dtype");
    call.optionalDevice(options.device ?? null, "device");
    return call.tensorResult();
  }

  /** aten::ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  onesLike(options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
    call.begin(8);
    call.options(options);
    call.tensor(this, "self");
    call.optionalDtype(options.dtype ?? null, "dtype");
    call.optionalDevice(options.device ?? null, "device");
    return call.tensorResult();
  }

  /** aten::empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  emptyLike(options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
    call.begin(9);
    call.options(options);
    call.tensor(this, "self");
    call.optionalDtype(options.dtype ?? null, "dtype");
    call.optionalDevice(options.device ?? null, "device");
    return call.tensorResult();
  }

  /** aten::full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
  fullLike(fillValue: Scalar, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
    call.begin(10);
    call.options(options);
    call.tensor(this, "self");
    call.scalar(fillValue, "fillValue");
    call.optionalDtype(options.dtype ?? null, "dtype");
    call.optionalDevice(options.device ?? null, "device");
    return call.tensorResult();
  }

  /** aten::normal_(Tensor(a!) self, float mean=0., float std=1., *, Generator? generator=None) -> Tensor(a!) */
  normal_(mean: number = 0, std: number = 1, options: { generator: Generator }): this {
    call.begin(16);
    call.options(options);
    call.tensor(this, "self");
    call.float(mean, "mean");
    call.float(std, "std");
    call.generator(options.generator, "generator");
    call.invoke();
    return this;
  }

  /** aten::uniform_(Tensor(a!) self, float from=0., float to=1., *, Generator? generator=None) -> Tensor(a!) */
  uniform_(low: number = 0, high: number = 1, options: { generator: Generator }): this {
    call.begin(17);
    call.options(options);
    call.tensor(this, "self");
    call.float(low, "from");
    call.float(high, "to");
    call.generator(options.generator, "generator");
    call.invoke();
    return this;
  }

  /** aten::bernoulli_.float(Tensor(a!) self, float p=0.5, *, Generator? generator=None) -> Tensor(a!) */
  bernoulli_(p: number = 0.5, options: { generator: Generator }): this {
    call.begin(18);
    call.options(options);
    call.tensor(this, "self");
    call.float(p, "p");
    call.generator(options.generator, "generator");
    call.invoke();
    return this;
  }

  /** aten::exponential_(Tensor(a!) self, float lambd=1., *, Generator? generator=None) -> Tensor(a!) */
  exponential_(lambd: number = 1, options: { generator: Generator }): this {
    call.begin(19);
    call.options(options);
    call.tensor(this, "self");
    call.float(lambd, "lambd");
    call.generator(options.generator, "generator");
    call.invoke();
    return this;
  }

  /** aten::random_.from(Tensor(a!) self, int from, int? to, *, Generator? generator=None) -> Tensor(a!) */
  random_(low: number, high: number | null = null, options: { generator: Generator }): this {
    call.begin(20);
    call.options(options);
    call.tensor(this, "self");
    call.int(low, "from");
    call.optionalInt(high, "to");
    call.generator(options.generator, "generator");
    call.invoke();
    return this;
  }

  /** aten::multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor */
  multinomial(numSamples: number, replacement: boolean = false, options: { generator: Generator }): Tensor {
    call.begin(21);
    call.options(options);
    call.tensor(this, "self");
    call.int(numSamples, "numSamples");
    call.bool(replacement, "replacement");
    call.generator(options.generator, "generator");
    return call.tensorResult();
  }

  /** aten::to.dtype_layout(Tensor(a) self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a) */
  convert(options: { dtype?: Dtype | null; device?: Device | null; nonBlocking?: boolean; copy?: boolean } = {}): Tensor {
    call.begin(22);
    call.options(options);
    call.tensor(this, "self");
    call.optionalDtype(options.dtype ?? null, "dtype");
    call.optionalDevice(options.device ?? null, "device");
    call.bool(options.nonBlocking ?? false, "nonBlocking");
    call.bool(options.copy ?? false, "copy");
    return call.tensorResult();
  }

  /** aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor */
  clone(): Tensor {
    call.begin(23);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) -> Tensor(a) */
  contiguous(): Tensor {
    call.begin(24);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!) */
  copy_(src: Tensor, nonBlocking: boolean = false): this {
    call.begin(25);
    call.tensor(this, "self");
    call.tensor(src, "src");
    call.bool(nonBlocking, "nonBlocking");
    call.invoke();
    return this;
  }

  /** aten::detach(Tensor(a) self) -> Tensor(a) */
  detach(): Tensor {
    call.begin(26);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!) */
  fill_(value: Scalar): this {
    call.begin(27);
    call.tensor(this, "self");
    call.scalar(value, "value");
    call.invoke();
    return this;
  }

  /** aten::zero_(Tensor(a!) self) -> Tensor(a!) */
  zero_(): this {
    call.begin(28);
    call.tensor(this, "self");
    call.invoke();
    return this;
  }

  /** aten::view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a) */
  viewDtype(dtype: Dtype): Tensor {
    call.begin(29);
    call.tensor(this, "self");
    call.dtype(dtype, "dtype");
    return call.tensorResult();
  }

  /** aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a) */
  view(size: readonly number[]): Tensor {
    call.begin(30);
    call.tensor(this, "self");
    call.ints(size, "size");
    return call.tensorResult();
  }

  /** aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a) */
  reshape(shape: readonly number[]): Tensor {
    call.begin(31);
    call.tensor(this, "self");
    call.ints(shape, "shape");
    return call.tensorResult();
  }

  /** aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a) */
  expand(size: readonly number[]): Tensor {
    call.begin(32);
    call.tensor(this, "self");
    call.ints(size, "size");
    return call.tensorResult();
  }

  /** aten::permute(Tensor(a) self, int[] dims) -> Tensor(a) */
  permute(dims: readonly number[]): Tensor {
    call.begin(33);
    call.tensor(this, "self");
    call.ints(dims, "dims");
    return call.tensorResult();
  }

  /** aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a) */
  transpose(dim0: number, dim1: number): Tensor {
    call.begin(34);
    call.tensor(this, "self");
    call.int(dim0, "dim0");
    call.int(dim1, "dim1");
    return call.tensorResult();
  }

  /** aten::t(Tensor(a) self) -> Tensor(a) */
  t(): Tensor {
    call.begin(35);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a) */
  squeeze(dim: number): Tensor {
    call.begin(36);
    call.tensor(this, "self");
    call.int(dim, "dim");
    return call.tensorResult();
  }

  /** aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a) */
  unsqueeze(dim: number): Tensor {
    call.begin(37);
    call.tensor(this, "self");
    call.int(dim, "dim");
    return call.tensorResult();
  }

  /** aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a) */
  flatten(startDim: number = 0, endDim: number = -1): Tensor {
    call.begin(38);
    call.tensor(this, "self");
    call.int(startDim, "startDim");
    call.int(endDim, "endDim");
    return call.tensorResult();
  }

  /** aten::unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a) */
  unflatten(dim: number, sizes: readonly number[]): Tensor {
    call.begin(39);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.ints(sizes, "sizes");
    return call.tensorResult();
  }

  /** aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a) */
  narrow(dim: number, start: number, length: number): Tensor {
    call.begin(40);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.int(start, "start");
    call.int(length, "length");
    return call.tensorResult();
  }

  /** aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a) */
  select(dim: number, index: number): Tensor {
    call.begin(41);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.int(index, "index");
    return call.tensorResult();
  }

  /** aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a) */
  slice(dim: number = 0, start: number | null = null, end: number | null = null, step: number = 1): Tensor {
    call.begin(42);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.optionalInt(start, "start");
    call.optionalInt(end, "end");
    call.int(step, "step");
    return call.tensorResult();
  }

  /** aten::split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[] */
  split(splitSize: number, dim: number = 0): Tensor[] {
    call.begin(43);
    call.tensor(this, "self");
    call.int(splitSize, "splitSize");
    call.int(dim, "dim");
    return call.tensorList();
  }

  /** aten::split_with_sizes(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> Tensor(a)[] */
  splitWithSizes(splitSizes: readonly number[], dim: number = 0): Tensor[] {
    call.begin(44);
    call.tensor(this, "self");
    call.ints(splitSizes, "splitSizes");
    call.int(dim, "dim");
    return call.tensorList();
  }

  /** aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[] */
  chunk(chunks: number, dim: number = 0): Tensor[] {
    call.begin(45);
    call.tensor(this, "self");
    call.int(chunks, "chunks");
    call.int(dim, "dim");
    return call.tensorList();
  }

  /** aten::unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[] */
  unbind(dim: number = 0): Tensor[] {
    call.begin(46);
    call.tensor(this, "self");
    call.int(dim, "dim");
    return call.tensorList();
  }

  /** aten::repeat(Tensor self, SymInt[] repeats) -> Tensor */
  repeat(repeats: readonly number[]): Tensor {
    call.begin(49);
    call.tensor(this, "self");
    call.ints(repeats, "repeats");
    return call.tensorResult();
  }

  /** aten::repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor */
  repeatInterleave(repeats: number, dim: number | null = null, options: { outputSize?: number | null } = {}): Tensor {
    call.begin(50);
    call.options(options);
    call.tensor(this, "self");
    call.int(repeats, "repeats");
    call.optionalInt(dim, "dim");
    call.optionalInt(options.outputSize ?? null, "outputSize");
    return call.tensorResult();
  }

  /** aten::roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor */
  roll(shifts: number | readonly number[], dims: number | readonly number[] = []): Tensor {
    call.begin(51);
    call.tensor(this, "self");
    call.ints(shifts, "shifts");
    call.ints(dims, "dims");
    return call.tensorResult();
  }

  /** aten::flip(Tensor self, int[] dims) -> Tensor */
  flip(dims: readonly number[]): Tensor {
    call.begin(52);
    call.tensor(this, "self");
    call.ints(dims, "dims");
    return call.tensorResult();
  }

  /** aten::movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a) */
  movedim(source: number, destination: number): Tensor {
    call.begin(53);
    call.tensor(this, "self");
    call.int(source, "source");
    call.int(destination, "destination");
    return call.tensorResult();
  }

  /** aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a) */
  diagonal(offset: number = 0, dim1: number = 0, dim2: number = 1): Tensor {
    call.begin(54);
    call.tensor(this, "self");
    call.int(offset, "offset");
    call.int(dim1, "dim1");
    call.int(dim2, "dim2");
    return call.tensorResult();
  }

  /** aten::broadcast_to(Tensor(a) self, int[] size) -> Tensor(a) */
  broadcastTo(size: readonly number[]): Tensor {
    call.begin(55);
    call.tensor(this, "self");
    call.ints(size, "size");
    return call.tensorResult();
  }

  /** aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a) */
  unfold(dimension: number, size: number, step: number): Tensor {
    call.begin(56);
    call.tensor(this, "self");
    call.int(dimension, "dimension");
    call.int(size, "size");
    call.int(step, "step");
    return call.tensorResult();
  }

  /** aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor */
  index(indices: readonly (Tensor | null)[]): Tensor {
    call.begin(57);
    call.tensor(this, "self");
    call.tensorsOrNull(indices, "indices");
    return call.tensorResult();
  }

  /** aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor */
  indexPut(indices: readonly (Tensor | null)[], values: Tensor, accumulate: boolean = false): Tensor {
    call.begin(58);
    call.tensor(this, "self");
    call.tensorsOrNull(indices, "indices");
    call.tensor(values, "values");
    call.bool(accumulate, "accumulate");
    return call.tensorResult();
  }

  /** aten::index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor(a!) */
  indexPut_(indices: readonly (Tensor | null)[], values: Tensor, accumulate: boolean = false): this {
    call.begin(59);
    call.tensor(this, "self");
    call.tensorsOrNull(indices, "indices");
    call.tensor(values, "values");
    call.bool(accumulate, "accumulate");
    call.invoke();
    return this;
  }

  /** aten::index_select(Tensor self, int dim, Tensor index) -> Tensor */
  indexSelect(dim: number, index: Tensor): Tensor {
    call.begin(60);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    return call.tensorResult();
  }

  /** aten::index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor */
  indexAdd(dim: number, index: Tensor, source: Tensor, options: { alpha?: Scalar } = {}): Tensor {
    call.begin(61);
    call.options(options);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(source, "source");
    call.scalar(options.alpha ?? 1, "alpha");
    return call.tensorResult();
  }

  /** aten::index_add_(Tensor(a!) self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor(a!) */
  indexAdd_(dim: number, index: Tensor, source: Tensor, options: { alpha?: Scalar } = {}): this {
    call.begin(62);
    call.options(options);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(source, "source");
    call.scalar(options.alpha ?? 1, "alpha");
    call.invoke();
    return this;
  }

  /** aten::index_copy_(Tensor(a!) self, int dim, Tensor index, Tensor source) -> Tensor(a!) */
  indexCopy_(dim: number, index: Tensor, source: Tensor): this {
    call.begin(63);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(source, "source");
    call.invoke();
    return this;
  }

  /** aten::index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor */
  indexFill(dim: number, index: Tensor, value: Scalar): Tensor {
    call.begin(64);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.scalar(value, "value");
    return call.tensorResult();
  }

  /** aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor */
  gather(dim: number, index: Tensor): Tensor {
    call.begin(65);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    return call.tensorResult();
  }

  /** aten::scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatter(dim: number, index: Tensor, src: Tensor): Tensor {
    call.begin(66);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(src, "src");
    return call.tensorResult();
  }

  /** aten::scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor */
  scatterValue(dim: number, index: Tensor, value: Scalar): Tensor {
    call.begin(67);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.scalar(value, "value");
    return call.tensorResult();
  }

  /** aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor */
  scatterAdd(dim: number, index: Tensor, src: Tensor): Tensor {
    call.begin(68);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(src, "src");
    return call.tensorResult();
  }

  /** aten::scatter_add_(Tensor(a!) self, int dim, Tensor index, Tensor src) -> Tensor(a!) */
  scatterAdd_(dim: number, index: Tensor, src: Tensor): this {
    call.begin(69);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.tensor(index, "index");
    call.tensor(src, "src");
    call.invoke();
    return this;
  }

  /** aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor */
  takeAlongDim(indices: Tensor, dim: number | null = null): Tensor {
    call.begin(70);
    call.tensor(this, "self");
    call.tensor(indices, "indices");
    call.optionalInt(dim, "dim");
    return call.tensorResult();
  }

  /**
   * aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor  
   * aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor
   */
  maskedFill(mask: Tensor, value: Tensor | Scalar): Tensor {
    if (isScalar(value)) {
      call.begin(71);
      call.tensor(this, "self");
      call.tensor(mask, "mask");
      call.scalar(value, "value");
      return call.tensorResult();
    }
    call.begin(72);
    call.tensor(this, "self");
    call.tensor(mask, "mask");
    call.tensor(value, "value");
    return call.tensorResult();
  }

  /** aten::masked_fill_.Scalar(Tensor(a!) self, Tensor mask, Scalar value) -> Tensor(a!) */
  maskedFill_(mask: Tensor, value: Scalar): this {
    call.begin(73);
    call.tensor(this, "self");
    call.tensor(mask, "mask");
    call.scalar(value, "value");
    call.invoke();
    return this;
  }

  /** aten::masked_select(Tensor self, Tensor mask) -> Tensor */
  maskedSelect(mask: Tensor): Tensor {
    call.begin(74);
    call.tensor(this, "self");
    call.tensor(mask, "mask");
    return call.tensorResult();
  }

  /** aten::nonzero(Tensor self) -> Tensor */
  nonzero(): Tensor {
    call.begin(75);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::one_hot(Tensor self, int num_classes=-1) -> Tensor */
  oneHot(numClasses: number = -1): Tensor {
    call.begin(78);
    call.tensor(this, "self");
    call.int(numClasses, "numClasses");
    return call.tensorResult();
  }

  /**
   * aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor  
   * aten::add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor
   */
  add(other: Tensor | Scalar, options: { alpha?: Scalar } = {}): Tensor {
    if (isScalar(other)) {
      call.begin(80);
      call.options(options);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.scalar(options.alpha ?? 1, "alpha");
      return call.tensorResult();
    }
    call.begin(79);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.scalar(options.alpha ?? 1, "alpha");
    return call.tensorResult();
  }

  /**
   * aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor  
   * aten::sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor
   */
  sub(other: Tensor | Scalar, options: { alpha?: Scalar } = {}): Tensor {
    if (isScalar(other)) {
      call.begin(82);
      call.options(options);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.scalar(options.alpha ?? 1, "alpha");
      return call.tensorResult();
    }
    call.begin(81);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.scalar(options.alpha ?? 1, "alpha");
    return call.tensorResult();
  }

  /**
   * aten::mul.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::mul.Scalar(Tensor self, Scalar other) -> Tensor
   */
  mul(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(84);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(83);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::div.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::div.Scalar(Tensor self, Scalar other) -> Tensor
   */
  div(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(86);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(85);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)  
   * aten::add_.Scalar(Tensor(a!) self, Scalar other, Scalar alpha=1) -> Tensor(a!)
   */
  add_(other: Tensor | Scalar, options: { alpha?: Scalar } = {}): this {
    if (isScalar(other)) {
      call.begin(88);
      call.options(options);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.scalar(options.alpha ?? 1, "alpha");
      call.invoke();
      return this;
    }
    call.begin(87);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.scalar(options.alpha ?? 1, "alpha");
    call.invoke();
    return this;
  }

  /**
   * aten::sub_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)  
   * aten::sub_.Scalar(Tensor(a!) self, Scalar other, Scalar alpha=1) -> Tensor(a!)
   */
  sub_(other: Tensor | Scalar, options: { alpha?: Scalar } = {}): this {
    if (isScalar(other)) {
      call.begin(90);
      call.options(options);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.scalar(options.alpha ?? 1, "alpha");
      call.invoke();
      return this;
    }
    call.begin(89);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.scalar(options.alpha ?? 1, "alpha");
    call.invoke();
    return this;
  }

  /**
   * aten::mul_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)  
   * aten::mul_.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)
   */
  mul_(other: Tensor | Scalar): this {
    if (isScalar(other)) {
      call.begin(92);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.invoke();
      return this;
    }
    call.begin(91);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.invoke();
    return this;
  }

  /**
   * aten::div_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)  
   * aten::div_.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)
   */
  div_(other: Tensor | Scalar): this {
    if (isScalar(other)) {
      call.begin(94);
      call.tensor(this, "self");
      call.scalar(other, "other");
      call.invoke();
      return this;
    }
    call.begin(93);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.invoke();
    return this;
  }

  /** aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor */
  divRounded(other: Tensor, options: { roundingMode?: string | null } = {}): Tensor {
    call.begin(95);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.optionalString(options.roundingMode ?? null, "roundingMode");
    return call.tensorResult();
  }

  /**
   * aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::remainder.Scalar(Tensor self, Scalar other) -> Tensor
   */
  remainder(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(97);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(96);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor  
   * aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor
   */
  pow(exponent: Tensor | Scalar): Tensor {
    if (isScalar(exponent)) {
      call.begin(99);
      call.tensor(this, "self");
      call.scalar(exponent, "exponent");
      return call.tensorResult();
    }
    call.begin(98);
    call.tensor(this, "self");
    call.tensor(exponent, "exponent");
    return call.tensorResult();
  }

  /** aten::neg(Tensor self) -> Tensor */
  neg(): Tensor {
    call.begin(100);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::neg_(Tensor(a!) self) -> Tensor(a!) */
  neg_(): this {
    call.begin(101);
    call.tensor(this, "self");
    call.invoke();
    return this;
  }

  /** aten::abs(Tensor self) -> Tensor */
  abs(): Tensor {
    call.begin(102);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::sign(Tensor self) -> Tensor */
  sign(): Tensor {
    call.begin(103);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::reciprocal(Tensor self) -> Tensor */
  reciprocal(): Tensor {
    call.begin(104);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::sqrt(Tensor self) -> Tensor */
  sqrt(): Tensor {
    call.begin(105);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::sqrt_(Tensor(a!) self) -> Tensor(a!) */
  sqrt_(): this {
    call.begin(106);
    call.tensor(this, "self");
    call.invoke();
    return this;
  }

  /** aten::rsqrt(Tensor self) -> Tensor */
  rsqrt(): Tensor {
    call.begin(107);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::square(Tensor self) -> Tensor */
  square(): Tensor {
    call.begin(108);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::exp(Tensor self) -> Tensor */
  exp(): Tensor {
    call.begin(109);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::exp_(Tensor(a!) self) -> Tensor(a!) */
  exp_(): this {
    call.begin(110);
    call.tensor(this, "self");
    call.invoke();
    return this;
  }

  /** aten::expm1(Tensor self) -> Tensor */
  expm1(): Tensor {
    call.begin(111);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::log(Tensor self) -> Tensor */
  log(): Tensor {
    call.begin(112);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::log1p(Tensor self) -> Tensor */
  log1p(): Tensor {
    call.begin(113);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::log2(Tensor self) -> Tensor */
  log2(): Tensor {
    call.begin(114);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::sin(Tensor self) -> Tensor */
  sin(): Tensor {
    call.begin(115);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::cos(Tensor self) -> Tensor */
  cos(): Tensor {
    call.begin(116);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::tanh(Tensor self) -> Tensor */
  tanh(): Tensor {
    call.begin(117);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::sigmoid(Tensor self) -> Tensor */
  sigmoid(): Tensor {
    call.begin(118);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::erf(Tensor self) -> Tensor */
  erf(): Tensor {
    call.begin(119);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::floor(Tensor self) -> Tensor */
  floor(): Tensor {
    call.begin(120);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::ceil(Tensor self) -> Tensor */
  ceil(): Tensor {
    call.begin(121);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::round(Tensor self) -> Tensor */
  round(): Tensor {
    call.begin(122);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::trunc(Tensor self) -> Tensor */
  trunc(): Tensor {
    call.begin(123);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor */
  clamp(min: Scalar | null = null, max: Scalar | null = null): Tensor {
    call.begin(124);
    call.tensor(this, "self");
    call.optionalScalar(min, "min");
    call.optionalScalar(max, "max");
    return call.tensorResult();
  }

  /** aten::clamp_(Tensor(a!) self, Scalar? min=None, Scalar? max=None) -> Tensor(a!) */
  clamp_(min: Scalar | null = null, max: Scalar | null = null): this {
    call.begin(125);
    call.tensor(this, "self");
    call.optionalScalar(min, "min");
    call.optionalScalar(max, "max");
    call.invoke();
    return this;
  }

  /** aten::clamp_min(Tensor self, Scalar min) -> Tensor */
  clampMin(min: Scalar): Tensor {
    call.begin(126);
    call.tensor(this, "self");
    call.scalar(min, "min");
    return call.tensorResult();
  }

  /** aten::clamp_max(Tensor self, Scalar max) -> Tensor */
  clampMax(max: Scalar): Tensor {
    call.begin(127);
    call.tensor(this, "self");
    call.scalar(max, "max");
    return call.tensorResult();
  }

  /** aten::maximum(Tensor self, Tensor other) -> Tensor */
  maximum(other: Tensor): Tensor {
    call.begin(128);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::minimum(Tensor self, Tensor other) -> Tensor */
  minimum(other: Tensor): Tensor {
    call.begin(129);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor  
   * aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor
   */
  lerp(end: Tensor, weight: Tensor | Scalar): Tensor {
    if (isScalar(weight)) {
      call.begin(130);
      call.tensor(this, "self");
      call.tensor(end, "end");
      call.scalar(weight, "weight");
      return call.tensorResult();
    }
    call.begin(131);
    call.tensor(this, "self");
    call.tensor(end, "end");
    call.tensor(weight, "weight");
    return call.tensorResult();
  }

  /** aten::lerp_.Scalar(Tensor(a!) self, Tensor end, Scalar weight) -> Tensor(a!) */
  lerp_(end: Tensor, weight: Scalar): this {
    call.begin(132);
    call.tensor(this, "self");
    call.tensor(end, "end");
    call.scalar(weight, "weight");
    call.invoke();
    return this;
  }

  /** aten::addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcmul(tensor1: Tensor, tensor2: Tensor, options: { value?: Scalar } = {}): Tensor {
    call.begin(133);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(tensor1, "tensor1");
    call.tensor(tensor2, "tensor2");
    call.scalar(options.value ?? 1, "value");
    return call.tensorResult();
  }

  /** aten::addcmul_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcmul_(tensor1: Tensor, tensor2: Tensor, options: { value?: Scalar } = {}): this {
    call.begin(134);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(tensor1, "tensor1");
    call.tensor(tensor2, "tensor2");
    call.scalar(options.value ?? 1, "value");
    call.invoke();
    return this;
  }

  /** aten::addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor */
  addcdiv(tensor1: Tensor, tensor2: Tensor, options: { value?: Scalar } = {}): Tensor {
    call.begin(135);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(tensor1, "tensor1");
    call.tensor(tensor2, "tensor2");
    call.scalar(options.value ?? 1, "value");
    return call.tensorResult();
  }

  /** aten::addcdiv_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!) */
  addcdiv_(tensor1: Tensor, tensor2: Tensor, options: { value?: Scalar } = {}): this {
    call.begin(136);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(tensor1, "tensor1");
    call.tensor(tensor2, "tensor2");
    call.scalar(options.value ?? 1, "value");
    call.invoke();
    return this;
  }

  /** aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor */
  nanToNum(nan: number | null = null, posinf: number | null = null, neginf: number | null = null): Tensor {
    call.begin(137);
    call.tensor(this, "self");
    call.optionalFloat(nan, "nan");
    call.optionalFloat(posinf, "posinf");
    call.optionalFloat(neginf, "neginf");
    return call.tensorResult();
  }

  /**
   * aten::eq.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::eq.Scalar(Tensor self, Scalar other) -> Tensor
   */
  eq(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(139);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(138);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::ne.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::ne.Scalar(Tensor self, Scalar other) -> Tensor
   */
  ne(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(141);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(140);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::lt.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::lt.Scalar(Tensor self, Scalar other) -> Tensor
   */
  lt(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(143);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(142);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::le.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::le.Scalar(Tensor self, Scalar other) -> Tensor
   */
  le(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(145);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(144);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::gt.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::gt.Scalar(Tensor self, Scalar other) -> Tensor
   */
  gt(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(147);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(146);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /**
   * aten::ge.Tensor(Tensor self, Tensor other) -> Tensor  
   * aten::ge.Scalar(Tensor self, Scalar other) -> Tensor
   */
  ge(other: Tensor | Scalar): Tensor {
    if (isScalar(other)) {
      call.begin(149);
      call.tensor(this, "self");
      call.scalar(other, "other");
      return call.tensorResult();
    }
    call.begin(148);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::logical_and(Tensor self, Tensor other) -> Tensor */
  logicalAnd(other: Tensor): Tensor {
    call.begin(150);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::logical_or(Tensor self, Tensor other) -> Tensor */
  logicalOr(other: Tensor): Tensor {
    call.begin(151);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::logical_xor(Tensor self, Tensor other) -> Tensor */
  logicalXor(other: Tensor): Tensor {
    call.begin(152);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::logical_not(Tensor self) -> Tensor */
  logicalNot(): Tensor {
    call.begin(153);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseAnd(other: Tensor): Tensor {
    call.begin(154);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor */
  bitwiseOr(other: Tensor): Tensor {
    call.begin(155);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::bitwise_not(Tensor self) -> Tensor */
  bitwiseNot(): Tensor {
    call.begin(156);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::isnan(Tensor self) -> Tensor */
  isnan(): Tensor {
    call.begin(157);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::isinf(Tensor self) -> Tensor */
  isinf(): Tensor {
    call.begin(158);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::isfinite(Tensor self) -> Tensor */
  isfinite(): Tensor {
    call.begin(159);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::isclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False) -> Tensor */
  isclose(other: Tensor, rtol: number = 0.00001, atol: number = 1e-8, equalNan: boolean = false): Tensor {
    call.begin(160);
    call.tensor(this, "self");
    call.tensor(other, "other");
    call.float(rtol, "rtol");
    call.float(atol, "atol");
    call.bool(equalNan, "equalNan");
    return call.tensorResult();
  }

  /** aten::equal(Tensor self, Tensor other) -> bool */
  equal(other: Tensor): boolean {
    call.begin(161);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.invoke() !== 0;
  }

  /** aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  sum(dim: number | readonly number[] | null = null, keepdim: boolean = false, options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(162);
    call.options(options);
    call.tensor(this, "self");
    call.optionalInts(dim, "dim");
    call.bool(keepdim, "keepdim");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  mean(dim: number | readonly number[] | null = null, keepdim: boolean = false, options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(163);
    call.options(options);
    call.tensor(this, "self");
    call.optionalInts(dim, "dim");
    call.bool(keepdim, "keepdim");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor */
  prod(options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(164);
    call.options(options);
    call.tensor(this, "self");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor */
  prodDim(dim: number, keepdim: boolean = false, options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(165);
    call.options(options);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amax(dim: number | readonly number[] = [], keepdim: boolean = false): Tensor {
    call.begin(166);
    call.tensor(this, "self");
    call.ints(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor */
  amin(dim: number | readonly number[] = [], keepdim: boolean = false): Tensor {
    call.begin(167);
    call.tensor(this, "self");
    call.ints(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  maxDim(dim: number, keepdim: boolean = false): [values: Tensor, indices: Tensor] {
    call.begin(168);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorList() as [values: Tensor, indices: Tensor];
  }

  /** aten::min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices) */
  minDim(dim: number, keepdim: boolean = false): [values: Tensor, indices: Tensor] {
    call.begin(169);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorList() as [values: Tensor, indices: Tensor];
  }

  /** aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmax(dim: number | null = null, keepdim: boolean = false): Tensor {
    call.begin(170);
    call.tensor(this, "self");
    call.optionalInt(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor */
  argmin(dim: number | null = null, keepdim: boolean = false): Tensor {
    call.begin(171);
    call.tensor(this, "self");
    call.optionalInt(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::all(Tensor self) -> Tensor */
  all(): Tensor {
    call.begin(172);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  allDim(dim: number, keepdim: boolean = false): Tensor {
    call.begin(173);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::any(Tensor self) -> Tensor */
  any(): Tensor {
    call.begin(174);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor */
  anyDim(dim: number, keepdim: boolean = false): Tensor {
    call.begin(175);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumsum(dim: number, options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(176);
    call.options(options);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor */
  cumprod(dim: number, options: { dtype?: Dtype | null } = {}): Tensor {
    call.begin(177);
    call.options(options);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.optionalDtype(options.dtype ?? null, "dtype");
    return call.tensorResult();
  }

  /** aten::var.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  var(dim: number | readonly number[] | null = null, unbiased: boolean = true, keepdim: boolean = false): Tensor {
    call.begin(178);
    call.tensor(this, "self");
    call.optionalInts(dim, "dim");
    call.bool(unbiased, "unbiased");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::std.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor */
  std(dim: number | readonly number[] | null = null, unbiased: boolean = true, keepdim: boolean = false): Tensor {
    call.begin(179);
    call.tensor(this, "self");
    call.optionalInts(dim, "dim");
    call.bool(unbiased, "unbiased");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor */
  logsumexp(dim: number | readonly number[], keepdim: boolean = false): Tensor {
    call.begin(180);
    call.tensor(this, "self");
    call.ints(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor */
  norm(p: Scalar | null, dim: number | readonly number[], keepdim: boolean = false): Tensor {
    call.begin(181);
    call.tensor(this, "self");
    call.optionalScalar(p, "p");
    call.ints(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorResult();
  }

  /** aten::count_nonzero(Tensor self, int? dim=None) -> Tensor */
  countNonzero(dim: number | null = null): Tensor {
    call.begin(182);
    call.tensor(this, "self");
    call.optionalInt(dim, "dim");
    return call.tensorResult();
  }

  /** aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices) */
  sort(dim: number = -1, descending: boolean = false): [values: Tensor, indices: Tensor] {
    call.begin(183);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(descending, "descending");
    return call.tensorList() as [values: Tensor, indices: Tensor];
  }

  /** aten::argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor */
  argsort(dim: number = -1, descending: boolean = false): Tensor {
    call.begin(184);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.bool(descending, "descending");
    return call.tensorResult();
  }

  /** aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices) */
  topk(k: number, dim: number = -1, largest: boolean = true, sorted: boolean = true): [values: Tensor, indices: Tensor] {
    call.begin(185);
    call.tensor(this, "self");
    call.int(k, "k");
    call.int(dim, "dim");
    call.bool(largest, "largest");
    call.bool(sorted, "sorted");
    return call.tensorList() as [values: Tensor, indices: Tensor];
  }

  /** aten::kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices) */
  kthvalue(k: number, dim: number = -1, keepdim: boolean = false): [values: Tensor, indices: Tensor] {
    call.begin(186);
    call.tensor(this, "self");
    call.int(k, "k");
    call.int(dim, "dim");
    call.bool(keepdim, "keepdim");
    return call.tensorList() as [values: Tensor, indices: Tensor];
  }

  /** aten::bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor */
  bincount(weights: Tensor | null = null, minlength: number = 0): Tensor {
    call.begin(188);
    call.tensor(this, "self");
    call.optionalTensor(weights, "weights");
    call.int(minlength, "minlength");
    return call.tensorResult();
  }

  /** aten::tril(Tensor self, int diagonal=0) -> Tensor */
  tril(diagonal: number = 0): Tensor {
    call.begin(189);
    call.tensor(this, "self");
    call.int(diagonal, "diagonal");
    return call.tensorResult();
  }

  /** aten::triu(Tensor self, int diagonal=0) -> Tensor */
  triu(diagonal: number = 0): Tensor {
    call.begin(190);
    call.tensor(this, "self");
    call.int(diagonal, "diagonal");
    return call.tensorResult();
  }

  /** aten::mm(Tensor self, Tensor mat2) -> Tensor */
  mm(mat2: Tensor): Tensor {
    call.begin(191);
    call.tensor(this, "self");
    call.tensor(mat2, "mat2");
    return call.tensorResult();
  }

  /** aten::bmm(Tensor self, Tensor mat2) -> Tensor */
  bmm(mat2: Tensor): Tensor {
    call.begin(192);
    call.tensor(this, "self");
    call.tensor(mat2, "mat2");
    return call.tensorResult();
  }

  /** aten::matmul(Tensor self, Tensor other) -> Tensor */
  matmul(other: Tensor): Tensor {
    call.begin(193);
    call.tensor(this, "self");
    call.tensor(other, "other");
    return call.tensorResult();
  }

  /** aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  addmm(mat1: Tensor, mat2: Tensor, options: { beta?: Scalar; alpha?: Scalar } = {}): Tensor {
    call.begin(194);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(mat1, "mat1");
    call.tensor(mat2, "mat2");
    call.scalar(options.beta ?? 1, "beta");
    call.scalar(options.alpha ?? 1, "alpha");
    return call.tensorResult();
  }

  /** aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor */
  baddbmm(batch1: Tensor, batch2: Tensor, options: { beta?: Scalar; alpha?: Scalar } = {}): Tensor {
    call.begin(195);
    call.options(options);
    call.tensor(this, "self");
    call.tensor(batch1, "batch1");
    call.tensor(batch2, "batch2");
    call.scalar(options.beta ?? 1, "beta");
    call.scalar(options.alpha ?? 1, "alpha");
    return call.tensorResult();
  }

  /** aten::dot(Tensor self, Tensor tensor) -> Tensor */
  dot(tensor: Tensor): Tensor {
    call.begin(196);
    call.tensor(this, "self");
    call.tensor(tensor, "tensor");
    return call.tensorResult();
  }

  /** aten::outer(Tensor self, Tensor vec2) -> Tensor */
  outer(vec2: Tensor): Tensor {
    call.begin(197);
    call.tensor(this, "self");
    call.tensor(vec2, "vec2");
    return call.tensorResult();
  }

  /** aten::relu(Tensor self) -> Tensor */
  relu(): Tensor {
    call.begin(200);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::gelu(Tensor self, *, str approximate="none") -> Tensor */
  gelu(options: { approximate?: string } = {}): Tensor {
    call.begin(201);
    call.options(options);
    call.tensor(this, "self");
    call.string(options.approximate ?? "none", "approximate");
    return call.tensorResult();
  }

  /** aten::silu(Tensor self) -> Tensor */
  silu(): Tensor {
    call.begin(202);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor */
  softplus(beta: Scalar = 1, threshold: Scalar = 20): Tensor {
    call.begin(203);
    call.tensor(this, "self");
    call.scalar(beta, "beta");
    call.scalar(threshold, "threshold");
    return call.tensorResult();
  }

  /** aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor */
  leakyRelu(negativeSlope: Scalar = 0.01): Tensor {
    call.begin(204);
    call.tensor(this, "self");
    call.scalar(negativeSlope, "negativeSlope");
    return call.tensorResult();
  }

  /** aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  softmax(dim: number, dtype: Dtype | null = null): Tensor {
    call.begin(205);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.optionalDtype(dtype, "dtype");
    return call.tensorResult();
  }

  /** aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor */
  logSoftmax(dim: number, dtype: Dtype | null = null): Tensor {
    call.begin(206);
    call.tensor(this, "self");
    call.int(dim, "dim");
    call.optionalDtype(dtype, "dtype");
    return call.tensorResult();
  }

  /** aten::log_sigmoid(Tensor self) -> Tensor */
  logSigmoid(): Tensor {
    call.begin(209);
    call.tensor(this, "self");
    return call.tensorResult();
  }

  /** aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.) -> Tensor */
  crossEntropyLoss(target: Tensor, weight: Tensor | null = null, reduction: number = 1, ignoreIndex: number = -100, labelSmoothing: number = 0): Tensor {
    call.begin(210);
    call.tensor(this, "self");
    call.tensor(target, "target");
    call.optionalTensor(weight, "weight");
    call.int(reduction, "reduction");
    call.int(ignoreIndex, "ignoreIndex");
    call.float(labelSmoothing, "labelSmoothing");
    return call.tensorResult();
  }

  /** aten::nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor */
  nllLoss(target: Tensor, weight: Tensor | null = null, reduction: number = 1, ignoreIndex: number = -100): Tensor {
    call.begin(211);
    call.tensor(this, "self");
    call.tensor(target, "target");
    call.optionalTensor(weight, "weight");
    call.int(reduction, "reduction");
    call.int(ignoreIndex, "ignoreIndex");
    return call.tensorResult();
  }

  /** aten::mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor */
  mseLoss(target: Tensor, reduction: number = 1): Tensor {
    call.begin(212);
    call.tensor(this, "self");
    call.tensor(target, "target");
    call.int(reduction, "reduction");
    return call.tensorResult();
  }

  /** aten::binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor */
  binaryCrossEntropyWithLogits(target: Tensor, weight: Tensor | null = null, posWeight: Tensor | null = null, reduction: number = 1): Tensor {
    call.begin(213);
    call.tensor(this, "self");
    call.tensor(target, "target");
    call.optionalTensor(weight, "weight");
    call.optionalTensor(posWeight, "posWeight");
    call.int(reduction, "reduction");
    return call.tensorResult();
  }
}

/** aten::empty.memory_format(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor */
export function empty(size: readonly number[], options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(0);
  call.options(options);
  call.ints(size, "size");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function zeros(size: readonly number[], options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(1);
  call.options(options);
  call.ints(size, "size");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::ones(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function ones(size: readonly number[], options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(2);
  call.options(options);
  call.ints(size, "size");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::eye(int n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function eye(n: number, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(3);
  call.options(options);
  call.int(n, "n");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::eye.m(int n, int m, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function eyeRectangular(n: number, m: number, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(4);
  call.options(options);
  call.int(n, "n");
  call.int(m, "m");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function arange(start: Scalar, end: Scalar, step: Scalar = 1, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(5);
  call.options(options);
  call.scalar(start, "start");
  call.scalar(end, "end");
  call.scalar(step, "step");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::linspace(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function linspace(start: Scalar, end: Scalar, steps: number, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(6);
  call.options(options);
  call.scalar(start, "start");
  call.scalar(end, "end");
  call.int(steps, "steps");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::from_file(str filename, bool? shared=None, int? size=0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function fromFile(filename: string, shared: boolean | null = null, size: number | null = 0, options: { dtype?: Dtype | null; device?: Device | null } = {}): Tensor {
  call.begin(11);
  call.options(options);
  call.string(filename, "filename");
  call.optionalBool(shared, "shared");
  call.optionalInt(size, "size");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::randn.generator(int[] size, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function randn(size: readonly number[], options: { generator: Generator; dtype?: Dtype | null; device?: Device | null }): Tensor {
  call.begin(12);
  call.options(options);
  call.ints(size, "size");
  call.generator(options.generator, "generator");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::rand.generator(int[] size, *, Generator? generator, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function rand(size: readonly number[], options: { generator: Generator; dtype?: Dtype | null; device?: Device | null }): Tensor {
  call.begin(13);
  call.options(options);
  call.ints(size, "size");
  call.generator(options.generator, "generator");
  call.optionalDtype(options.dtype ?? null, "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::randint.low_generator(int low, int high, int[] size, *, Generator? generator, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function randint(low: number, high: number, size: readonly number[], options: { generator: Generator; dtype?: Dtype | null; device?: Device | null }): Tensor {
  call.begin(14);
  call.options(options);
  call.int(low, "low");
  call.int(high, "high");
  call.ints(size, "size");
  call.generator(options.generator, "generator");
  call.optionalDtype(options.dtype ?? "int64", "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::randperm.generator(int n, *, Generator? generator, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor */
export function randperm(n: number, options: { generator: Generator; dtype?: Dtype | null; device?: Device | null }): Tensor {
  call.begin(15);
  call.options(options);
  call.int(n, "n");
  call.generator(options.generator, "generator");
  call.optionalDtype(options.dtype ?? "int64", "dtype");
  call.optionalDevice(options.device ?? null, "device");
  return call.tensorResult();
}

/** aten::cat(Tensor[] tensors, int dim=0) -> Tensor */
export function cat(tensors: readonly Tensor[], dim: number = 0): Tensor {
  call.begin(47);
  call.tensors(tensors, "tensors");
  call.int(dim, "dim");
  return call.tensorResult();
}

/** aten::stack(Tensor[] tensors, int dim=0) -> Tensor */
export function stack(tensors: readonly Tensor[], dim: number = 0): Tensor {
  call.begin(48);
  call.tensors(tensors, "tensors");
  call.int(dim, "dim");
  return call.tensorResult();
}

/** aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor */
export function where(condition: Tensor, input: Tensor, other: Tensor): Tensor {
  call.begin(76);
  call.tensor(condition, "condition");
  call.tensor(input, "self");
  call.tensor(other, "other");
  return call.tensorResult();
}

/** aten::embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor */
export function embedding(weight: Tensor, indices: Tensor, paddingIdx: number = -1, scaleGradByFreq: boolean = false, sparse: boolean = false): Tensor {
  call.begin(77);
  call.tensor(weight, "weight");
  call.tensor(indices, "indices");
  call.int(paddingIdx, "paddingIdx");
  call.bool(scaleGradByFreq, "scaleGradByFreq");
  call.bool(sparse, "sparse");
  return call.tensorResult();
}

/** aten::searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor */
export function searchsorted(sortedSequence: Tensor, input: Tensor, options: { outInt32?: boolean; right?: boolean; side?: string | null; sorter?: Tensor | null } = {}): Tensor {
  call.begin(187);
  call.options(options);
  call.tensor(sortedSequence, "sortedSequence");
  call.tensor(input, "self");
  call.bool(options.outInt32 ?? false, "outInt32");
  call.bool(options.right ?? false, "right");
  call.optionalString(options.side ?? null, "side");
  call.optionalTensor(options.sorter ?? null, "sorter");
  return call.tensorResult();
}

/** aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor */
export function einsum(equation: string, tensors: readonly Tensor[], options: { path?: readonly number[] | null } = {}): Tensor {
  call.begin(198);
  call.options(options);
  call.string(equation, "equation");
  call.tensors(tensors, "tensors");
  call.optionalInts(options.path ?? null, "path");
  return call.tensorResult();
}

/** aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  call.begin(199);
  call.tensor(input, "input");
  call.tensor(weight, "weight");
  call.optionalTensor(bias, "bias");
  return call.tensorResult();
}

/** aten::layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor */
export function layerNorm(input: Tensor, normalizedShape: readonly number[], weight: Tensor | null = null, bias: Tensor | null = null, eps: number = 0.00001): Tensor {
  call.begin(207);
  call.tensor(input, "input");
  call.ints(normalizedShape, "normalizedShape");
  call.optionalTensor(weight, "weight");
  call.optionalTensor(bias, "bias");
  call.float(eps, "eps");
  return call.tensorResult();
}

/** aten::native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor) */
export function nativeLayerNorm(input: Tensor, normalizedShape: readonly number[], weight: Tensor | null, bias: Tensor | null, eps: number): [Tensor, Tensor, Tensor] {
  call.begin(208);
  call.tensor(input, "input");
  call.ints(normalizedShape, "normalizedShape");
  call.optionalTensor(weight, "weight");
  call.optionalTensor(bias, "bias");
  call.float(eps, "eps");
  return call.tensorList() as [Tensor, Tensor, Tensor];
}

/** aten::dropout(Tensor input, float p, bool train) -> Tensor */
export function dropout(input: Tensor, p: number, train: boolean): Tensor {
  call.begin(214);
  call.tensor(input, "input");
  call.float(p, "p");
  call.bool(train, "train");
  return call.tensorResult();
}

/** aten::_foreach_add_.List(Tensor(a!)[] self, Tensor[] other, *, Scalar alpha=1) -> () */
export function foreachAdd_(tensors: readonly Tensor[], other: readonly Tensor[], options: { alpha?: Scalar } = {}): void {
  call.begin(215);
  call.options(options);
  call.tensors(tensors, "self");
  call.tensors(other, "other");
  call.scalar(options.alpha ?? 1, "alpha");
  call.invoke();
}

/** aten::_foreach_add_.Scalar(Tensor(a!)[] self, Scalar scalar) -> () */
export function foreachAddScalar_(tensors: readonly Tensor[], scalar: Scalar): void {
  call.begin(216);
  call.tensors(tensors, "self");
  call.scalar(scalar, "scalar");
  call.invoke();
}

/** aten::_foreach_mul_.Scalar(Tensor(a!)[] self, Scalar scalar) -> () */
export function foreachMul_(tensors: readonly Tensor[], scalar: Scalar): void {
  call.begin(217);
  call.tensors(tensors, "self");
  call.scalar(scalar, "scalar");
  call.invoke();
}

/** aten::_foreach_mul_.List(Tensor(a!)[] self, Tensor[] other) -> () */
export function foreachMulList_(tensors: readonly Tensor[], other: readonly Tensor[]): void {
  call.begin(218);
  call.tensors(tensors, "self");
  call.tensors(other, "other");
  call.invoke();
}

/** aten::_foreach_div_.ScalarList(Tensor(a!)[] self, Scalar[] scalars) -> () */
export function foreachDiv_(tensors: readonly Tensor[], scalars: readonly Scalar[]): void {
  call.begin(219);
  call.tensors(tensors, "self");
  call.scalars(scalars, "scalars");
  call.invoke();
}

/** aten::_foreach_sqrt(Tensor[] self) -> Tensor[] */
export function foreachSqrt(tensors: readonly Tensor[]): Tensor[] {
  call.begin(220);
  call.tensors(tensors, "self");
  return call.tensorList();
}

/** aten::_foreach_addcmul_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> () */
export function foreachAddcmul_(tensors: readonly Tensor[], tensor1: readonly Tensor[], tensor2: readonly Tensor[], value: Scalar = 1): void {
  call.begin(221);
  call.tensors(tensors, "self");
  call.tensors(tensor1, "tensor1");
  call.tensors(tensor2, "tensor2");
  call.scalar(value, "value");
  call.invoke();
}

/** aten::_foreach_addcdiv_.ScalarList(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar[] scalars) -> () */
export function foreachAddcdiv_(tensors: readonly Tensor[], tensor1: readonly Tensor[], tensor2: readonly Tensor[], scalars: readonly Scalar[]): void {
  call.begin(222);
  call.tensors(tensors, "self");
  call.tensors(tensor1, "tensor1");
  call.tensors(tensor2, "tensor2");
  call.scalars(scalars, "scalars");
  call.invoke();
}

/** aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2) -> Tensor[] */
export function foreachNorm(tensors: readonly Tensor[], ord: Scalar = 2): Tensor[] {
  call.begin(223);
  call.tensors(tensors, "self");
  call.scalar(ord, "ord");
  return call.tensorList();
}

/** aten::_foreach_zero_(Tensor(a!)[] self) -> () */
export function foreachZero_(tensors: readonly Tensor[]): void {
  call.begin(224);
  call.tensors(tensors, "self");
  call.invoke();
}

/** zerosearch::packed_linear(Tensor input, Tensor panels, int outputs, Tensor? bias=None) -> Tensor */
export function packedLinear(input: Tensor, panels: Tensor, outputs: number, bias: Tensor | null = null): Tensor {
  call.begin(225);
  call.tensor(input, "input");
  call.tensor(panels, "panels");
  call.int(outputs, "outputs");
  call.optionalTensor(bias, "bias");
  return call.tensorResult();
}

/** zerosearch::causal_attention(Tensor query, Tensor key, Tensor value, int[] lengths) -> Tensor */
export function causalAttention(query: Tensor, key: Tensor, value: Tensor, lengths: readonly number[]): Tensor {
  call.begin(226);
  call.tensor(query, "query");
  call.tensor(key, "key");
  call.tensor(value, "value");
  call.ints(lengths, "lengths");
  return call.tensorResult();
}

/** zerosearch::cached_attention(Tensor query, Tensor keys, Tensor values, Tensor slots, Tensor positions) -> Tensor */
export function cachedAttention(query: Tensor, keys: Tensor, values: Tensor, slots: Tensor, positions: Tensor): Tensor {
  call.begin(227);
  call.tensor(query, "query");
  call.tensor(keys, "keys");
  call.tensor(values, "values");
  call.tensor(slots, "slots");
  call.tensor(positions, "positions");
  return call.tensorResult();
}

/** zerosearch::write_cache_(Tensor(a!) keys, Tensor(b!) values, Tensor key, Tensor value, Tensor slots, Tensor positions) -> Tensor(a!) */
export function writeCache_(keys: Tensor, values: Tensor, key: Tensor, value: Tensor, slots: Tensor, positions: Tensor): void {
  call.begin(228);
  call.tensor(keys, "keys");
  call.tensor(values, "values");
  call.tensor(key, "key");
  call.tensor(value, "value");
  call.tensor(slots, "slots");
  call.tensor(positions, "positions");
  call.invoke();
}

/** zerosearch::adamw_(Tensor(a!) parameter, Tensor gradient, Tensor(b!) first, Tensor(c!) second, float kept, float beta1, float beta2, float rate, float correction, float epsilon) -> Tensor(a!) */
export function adamw_(parameter: Tensor, gradient: Tensor, first: Tensor, second: Tensor, kept: number, beta1: number, beta2: number, rate: number, correction: number, epsilon: number): void {
  call.begin(229);
  call.tensor(parameter, "parameter");
  call.tensor(gradient, "gradient");
  call.tensor(first, "first");
  call.tensor(second, "second");
  call.float(kept, "kept");
  call.float(beta1, "beta1");
  call.float(beta2, "beta2");
  call.float(rate, "rate");
  call.float(correction, "correction");
  call.float(epsilon, "epsilon");
  call.invoke();
}

/** zerosearch::advise_large_pages_(Tensor(a!) memory) -> Tensor(a!) */
export function adviseLargePages_(memory: Tensor): void {
  call.begin(230);
  call.tensor(memory, "memory");
  call.invoke();
}

/** aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor */
export function scaledDotProductAttention(query: Tensor, key: Tensor, value: Tensor, attnMask: Tensor | null = null, dropoutP: number = 0, isCausal: boolean = false, options: { scale?: number | null; enableGqa?: boolean } = {}): Tensor {
  call.begin(231);
  call.options(options);
  call.tensor(query, "query");
  call.tensor(key, "key");
  call.tensor(value, "value");
  call.optionalTensor(attnMask, "attnMask");
  call.float(dropoutP, "dropoutP");
  call.bool(isCausal, "isCausal");
  call.optionalFloat(options.scale ?? null, "scale");
  call.bool(options.enableGqa ?? false, "enableGqa");
  return call.tensorResult();
}

/** aten::_fused_adamw_(Tensor(a!)[] self, Tensor(b!)[] grads, Tensor(c!)[] exp_avgs, Tensor(d!)[] exp_avg_sqs, Tensor(e!)[] max_exp_avg_sqs, Tensor[] state_steps, *, float lr, float beta1, float beta2, float weight_decay, float eps, bool amsgrad, bool maximize, Tensor? grad_scale=None, Tensor? found_inf=None) -> () */
export function fusedAdamw_(tensors: readonly Tensor[], grads: readonly Tensor[], expAvgs: readonly Tensor[], expAvgSqs: readonly Tensor[], maxExpAvgSqs: readonly Tensor[], stateSteps: readonly Tensor[], options: { lr: number; beta1: number; beta2: number; weightDecay: number; eps: number; amsgrad: boolean; maximize: boolean; gradScale?: Tensor | null; foundInf?: Tensor | null }): void {
  call.begin(232);
  call.options(options);
  call.tensors(tensors, "self");
  call.tensors(grads, "grads");
  call.tensors(expAvgs, "expAvgs");
  call.tensors(expAvgSqs, "expAvgSqs");
  call.tensors(maxExpAvgSqs, "maxExpAvgSqs");
  call.tensors(stateSteps, "stateSteps");
  call.float(options.lr, "lr");
  call.float(options.beta1, "beta1");
  call.float(options.beta2, "beta2");
  call.float(options.weightDecay, "weightDecay");
  call.float(options.eps, "eps");
  call.bool(options.amsgrad, "amsgrad");
  call.bool(options.maximize, "maximize");
  call.optionalTensor(options.gradScale ?? null, "gradScale");
  call.optionalTensor(options.foundInf ?? null, "foundInf");
  call.invoke();
}

import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type AdamWOptions,
  type AdamWTensors,
  ArgumentError,
  adamwStep,
  arange,
  attention,
  fromTypedArray,
  full,
  liveTensorCount,
  type Tensor,
  TensorScope,
  TorchError,
  tensor,
  tidy,
  UseAfterFreeError,
} from "./index.ts";

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

describe("creation", () => {
  test("nested numbers become float32, bigints int64, booleans bool", () => {
    tidy(() => {
      expect(tensor([[1, 2.5]]).dtype).toBe("float32");
      expect(tensor([[1, 2.5]]).shape).toEqual([1, 2]);
      expect(tensor([1n, -(2n ** 63n)]).toTypedArray()).toEqual(BigInt64Array.of(1n, -(2n ** 63n)));
      expect(tensor([true, false]).toArray()).toEqual([true, false]);
      expect(tensor(7).shape).toEqual([]);
      expect(tensor([]).shape).toEqual([0]);
    });
  });

  test.each([
    ["float32", Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY)],
    ["float64", Float64Array.of(Math.PI, 2, Number.MIN_VALUE)],
    ["int32", Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1)],
    ["int64", BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n)],
    ["uint8", Uint8Array.of(0, 128, 255)],
    ["int8", Int8Array.of(-128, 0, 127)],
    ["int16", Int16Array.of(-32768, 0, 32767)],
  ] as const)("a %s array comes back as it went in", (dtype, array) => {
    tidy(() => {
      const made = fromTypedArray(array, [3]);
      expect(made.dtype).toBe(dtype);
      expect(made.toTypedArray()).toEqual(array);
    });
  });

  test("raw bits of bfloat16 and float16 are taken as such and read as their values", () => {
    tidy(() => {
      // 1.0, -2.0 and the smallest above 1: 0x3f80, 0xc000, 0x3f81 in bfloat16; 0x3c00, 0xc000, 0x3c01 in float16
      const brain = fromTypedArray(Uint16Array.of(0x3f80, 0xc000, 0x3f81), [3], { dtype: "bfloat16" });
      expect(brain.toNumbers()).toEqual([1, -2, 1 + 2 ** -7]);
      const half = fromTypedArray(Uint16Array.of(0x3c00, 0xc000, 0x3c01), [3], { dtype: "float16" });
      expect(half.toNumbers()).toEqual([1, -2, 1 + 2 ** -10]);
      expect(half.asTypedArray()).toEqual(Uint16Array.of(0x3c00, 0xc000, 0x3c01));
    });
  });

  test("another dtype converts, a whole fill value does not decide the dtype", () => {
    tidy(() => {
      expect(fromTypedArray(Float32Array.of(1.9, -1.9), [2], { dtype: "int64" }).toArray()).toEqual([1n, -1n]);
      expect(tensor([2 ** 53 - 1], { dtype: "int64" }).toArray()).toEqual([2n ** 53n - 1n]);
      expect(full([2], 1).dtype).toBe("float32");
      expect(arange(0, 3).dtype).toBe("int64");
    });
  });

  test("ragged, mixed and wrongly sized data are refused", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(/ragged: expected 2 elements at depth 1, got 1/);
    expect(() => tensor([1, true])).toThrow(ArgumentError);
    expect(() => fromTypedArray(new Float32Array(5), [2, 3])).toThrow(/5 elements, shape \[2, 3\] needs 6/);
    expect(() => fromTypedArray(new Uint16Array(1), [1])).toThrow(/raw bits/);
  });
});

describe("memory", () => {
  test("asTypedArray shares memory both ways and outlives the tensor", () => {
    const made = tensor([1, 2, 3]);
    const shared = made.asTypedArray();
    shared[0] = 42;
    expect(made.toArray()).toEqual([42, 2, 3]);
    tidy(() => made.mul_(2));
    made.dispose();
    expect(shared).toEqual(Float32Array.of(84, 4, 6));
  });

  test("toTypedArray copies", () => {
    using made = tensor([1, 2]);
    made.toTypedArray()[0] = 42;
    expect(made.toArray()).toEqual([1, 2]);
  });

  test("a view that is not contiguous is copied in row-major order, and can't be shared", () => {
    tidy(() => {
      const turned = tensor([
        [1, 2],
        [3, 4],
      ]).t();
      expect(turned.toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(turned.strides).toEqual([1, 2]);
      expect(() => turned.asTypedArray()).toThrow(/contiguous/);
    });
  });
});

describe("item", () => {
  test("reads the only element as a number", () => {
    tidy(() => {
      expect(tensor([[2.5]]).item()).toBe(2.5);
      expect(tensor(true).item()).toBe(1);
      expect(tensor(2n ** 40n).item()).toBe(2 ** 40);
    });
  });

  test("refuses several elements, and integers that a number can't hold", () => {
    tidy(() => {
      expect(() => tensor([1, 2]).item()).toThrow(/one element, this has shape \[2\]/);
      expect(() => tensor(2n ** 60n).item()).toThrow(/safe integer/);
    });
  });
});

describe("at", () => {
  const grid = (): Tensor => arange(0, 24).reshape([2, 3, 4]);

  test("a number picks, a range takes, null inserts, ... stands for the rest", () => {
    tidy(() => {
      expect(grid().at(1, 2, 3).item()).toBe(23);
      expect(grid().at(-1, [1]).shape).toEqual([2, 4]);
      expect(grid().at("...", [0, 4, 2]).shape).toEqual([2, 3, 2]);
      expect(grid().at(0, null, "...").shape).toEqual([1, 3, 4]);
      expect(grid().at("...", -1).toArray()).toEqual([
        [3n, 7n, 11n],
        [15n, 19n, 23n],
      ]);
    });
  });

  test("tensors pick many, in the dimension where they stand", () => {
    tidy(() => {
      expect(grid().at([], tensor([2n, 0n])).shape).toEqual([2, 2, 4]);
      expect(
        grid()
          .at(0, tensor([2n, 0n]), tensor([1n, 3n]))
          .toArray(),
      ).toEqual([9n, 3n]);
      const mask = tensor([true, false]);
      expect(grid().at(mask).shape).toEqual([1, 3, 4]);
    });
  });

  test("works on a tensor without dimensions and refuses too many indices", () => {
    tidy(() => {
      expect(tensor(5).at(null).shape).toEqual([1]);
      expect(() => grid().at(0, 0, 0, 0)).toThrow(/4 indices for a tensor with 3 dimensions/);
      expect(() => grid().at("...", "...")).toThrow(/only once/);
    });
  });
});

describe("errors", () => {
  test("a TorchError holds operator, shapes and libtorch's message without its backtrace", () => {
    tidy(() => {
      const a = full([2, 3], 1);
      const error = captured(() => a.mm(a));
      expect(error).toBeInstanceOf(TorchError);
      expect(error).toMatchObject({ operator: "aten::mm", argumentShapes: "[2, 3], [2, 3]" });
      expect(error.message).not.toMatch(/Exception raised from|frame #/);
    });
  });

  test("use after free names the operator and the argument", () => {
    const gone = tensor([1]);
    gone.dispose();
    gone.dispose();
    expect(gone.isDisposed).toBe(true);
    expect(String(gone)).toBe("Tensor(disposed)");
    using alive = tensor([1]);
    const error = captured(() => alive.add(gone));
    expect(error).toBeInstanceOf(UseAfterFreeError);
    expect(error.message).toMatch(/^aten::add\.Tensor: other has been freed/);
    expect(() => gone.shape).toThrow(UseAfterFreeError);
  });

  test.each([
    ["a fraction", (x: Tensor) => x.view([1.5])],
    ["NaN", (x: Tensor) => x.sum(Number.NaN)],
    ["an unsafe integer", (x: Tensor) => x.view([2 ** 60])],
    ["a string for a tensor", (x: Tensor) => x.add("1" as unknown as Tensor)],
    ["an unknown dtype", (x: Tensor) => x.to("float12" as "float16")],
    ["an unknown device", (x: Tensor) => x.to({ device: "tpu" as "cpu" })],
    ["null for options", (x: Tensor) => x.add(x, null as unknown as object)],
  ])("%s is refused before libtorch sees it", (_, call) => {
    using x = tensor([1, 2]);
    expect(captured(() => call(x))).toBeInstanceOf(ArgumentError);
  });
});

describe("printing", () => {
  test("aligns columns and says shape, dtype and need of a gradient", () => {
    using x = tensor([
      [1, -2.5],
      [100, 0],
    ]).requireGrad();
    expect(inspect(x)).toBe("Tensor [2, 2] float32 requires grad\n[[  1.0000,  -2.5000]\n [100.0000,   0.0000]]");
  });

  test("shows the edges of what is large and the shape of what is empty", () => {
    tidy(() => {
      expect(String(arange(0, 2000))).toBe("Tensor [2000] int64\n[   0,    1,    2, …, 1997, 1998, 1999]");
      expect(String(full([0, 3], 1))).toBe("Tensor [0, 3] float32");
      expect(String(tensor([true, false]))).toBe("Tensor [2] bool\n[ true, false]");
      expect(String(tensor(1e-9))).toBe("Tensor [] float32\n1.0000e-9");
    });
  });
});

test("a tensor of many dimensions prints without end of the stack", () => {
  using x = full([8, 8, 8, 8, 8, 8, 8], 1);
  expect(String(x).startsWith("Tensor [8, 8, 8, 8, 8, 8, 8] float32")).toBe(true);
});

test.each([
  [
    "attention without options",
    () => attention(full([1, 1, 1, 2], 1), full([1, 1, 1, 2], 1), full([1, 1, 1, 2], 1), null as unknown as object),
  ],
  ["attention of a number", () => attention(1 as unknown as Tensor, full([1], 1), full([1], 1))],
  ["attention of a vector", () => attention(full([2], 1), full([2], 1), full([2], 1))],
  ["adamwStep of nothing", () => adamwStep(null as unknown as AdamWTensors, {} as AdamWOptions)],
  ["adamwStep of numbers", () => adamwStep({ parameters: [1] } as unknown as AdamWTensors, {} as AdamWOptions)],
  [
    "adamwStep without options",
    () =>
      adamwStep(
        { parameters: [], gradients: [], firstMoments: [], secondMoments: [] },
        null as unknown as AdamWOptions,
      ),
  ],
])("%s is an ArgumentError", (_, call) => {
  tidy(() => {
    expect(captured(call)).toBeInstanceOf(ArgumentError);
  });
});

test("a tensor's version changes with every write in place, also through a view, and with nothing else", () => {
  tidy(() => {
    const written = tensor([1, 2]);
    const versions = [written.version];
    written.add(1);
    versions.push(written.version);
    written.add_(1);
    versions.push(written.version);
    written.narrow(0, 0, 1).zero_();
    versions.push(written.version);
    expect(versions.map((version) => version - (versions[0] ?? 0))).toEqual([0, 0, 1, 2]);
  });
});

test("a step of AdamW is counted as a write to what it changes", () => {
  tidy(() => {
    const [parameter, gradient, first, second] = [1, 1, 0, 0].map((value) => tensor([value])) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const versions = [parameter, gradient, first, second].map((one) => one.version);
    adamwStep(
      { parameters: [parameter], gradients: [gradient], firstMoments: [first], secondMoments: [second] },
      { step: 1, learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 },
    );
    const now = [parameter, gradient, first, second].map((one) => one.version);
    expect(now.map((version, i) => version > (versions[i] ?? 0))).toEqual([true, false, true, true]);
  });
});

test("a scope that outlives a call frees its tensors when its block is left", () => {
  let inner: Tensor | undefined;
  {
    using scope = new TensorScope();
    inner = scope.run(() => tensor([1]).add(1));
    expect(inner.item()).toBe(2);
    expect(scope.size).toBe(2);
  }
  expect(inner.isDisposed).toBe(true);
});

function captured(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected an error");
}

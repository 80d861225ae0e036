import { expect, test } from "vitest";
import {
  allocatedBytes,
  backward,
  checkpoint,
  Generator,
  grad,
  isGradEnabled,
  noGrad,
  randn,
  type Tensor,
  tensor,
  tidy,
} from "./index.ts";

test("backward accumulates into the leaves, grad does not", () => {
  tidy(() => {
    const x = tensor([1, 2, 3]).requireGrad();
    const loss = (): Tensor => x.mul(x).sum();
    const [returned] = grad(loss(), [x]);
    expect(returned?.toArray()).toEqual([2, 4, 6]);
    expect(x.grad()).toBeNull();
    backward(loss());
    backward(loss());
    expect(x.grad()?.toArray()).toEqual([4, 8, 12]);
    x.setGrad(null);
    expect(x.grad()).toBeNull();
  });
});

test("gradOutputs weigh the outputs, and derivatives can be derived", () => {
  tidy(() => {
    const x = tensor([2, 3]).requireGrad();
    const cubes = x.pow(3);
    const [first] = grad(cubes, [x], tensor([1, 10]), { createGraph: true });
    expect(first?.toArray()).toEqual([12, 270]); // 3x², weighed
    const [second] = grad(first?.sum() ?? x, [x]);
    expect(second?.toArray()).toEqual([12, 180]); // 6x, weighed
  });
});

test("an input that is not used is an error, or null where that is allowed", () => {
  tidy(() => {
    const x = tensor([1]).requireGrad();
    const y = tensor([1]).requireGrad();
    expect(() => grad(x.mul(2), [y])).toThrow(/not have been used|unused/i);
    expect(grad(x.mul(2), [x, y], null, { allowUnused: true })[1]).toBeNull();
  });
});

test("noGrad records nothing, nests, and is left by an exception", () => {
  tidy(() => {
    const x = tensor([1]).requireGrad();
    expect(noGrad(() => x.mul(2).requiresGrad)).toBe(false);
    expect(() =>
      noGrad(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(isGradEnabled()).toBe(true);
    expect(() => noGrad(async () => 1)).toThrow(/synchronous/);
    expect(isGradEnabled()).toBe(true);
    expect(x.detach().requiresGrad).toBe(false);
    expect(x.mul(2).isLeaf).toBe(false);
  });
});

test("freeing a tensor does not break the graph that needs it", () => {
  tidy(() => {
    const x = tensor([3]).requireGrad();
    const y = x.mul(x);
    const z = y.mul(y);
    y.dispose();
    backward(z.sum());
    expect(x.grad()?.item()).toBe(108); // d x⁴ = 4x³
  });
});

/** Three layers whose inner results a checkpoint need not keep. */
function layers(weights: readonly Tensor[]): (x: Tensor) => Tensor {
  return (x) => weights.reduce((h, weight) => h.matmul(weight).tanh().add(h), x);
}

test("checkpoint gives the same values and gradients to the bit, weights that it closes over included", () => {
  tidy(() => {
    using generator = new Generator(1);
    const weights = [0, 1, 2].map(() => randn([8, 8], { generator }).requireGrad());
    const x = randn([4, 8], { generator }).requireGrad();
    const wanted = [x, ...weights];
    const plain = layers(weights)(x).sum();
    const saved = checkpoint(layers(weights), [x]).sum();
    expect(saved.equal(plain)).toBe(true);
    const expected = grad(plain, wanted);
    const got = grad(saved, wanted);
    expect(got.map((g, i) => g.equal(expected[i] ?? x))).toEqual([true, true, true, true]);
  });
});

test("checkpoints nest, take several tensors and give several", () => {
  tidy(() => {
    const a = tensor([1, 2]).requireGrad();
    const b = tensor([3, 4]).requireGrad();
    const outputs = checkpoint(
      (x: Tensor, y: Tensor) => {
        const inner = checkpoint((u: Tensor) => u.mul(u).mul(b), [x]);
        return [inner.add(y), y.exp()];
      },
      [a, b],
    );
    const total = (outputs[0] ?? a).sum().add((outputs[1] ?? a).sum());
    const [gradA, gradB] = grad(total, [a, b]);
    expect(gradA?.toArray()).toEqual([6, 16]); // 2ab
    const expected = [1 + 1 + Math.exp(3), 4 + 1 + Math.exp(4)]; // a² + 1 + eᵇ
    expect(gradB?.toNumbers()).toEqual(expected.map((v) => expect.closeTo(v, 4)));
  });
});

test("checkpoint refuses what it could not repeat", () => {
  tidy(() => {
    using generator = new Generator(1);
    const x = tensor([1, 2]).requireGrad();
    const constant = tensor([1, 1]);
    expect(() => checkpoint((a: Tensor) => a.mul(a.sum().item()), [x])).toThrow(/reads a tensor's values/);
    expect(() => checkpoint((a: Tensor) => a.mul(randn([2], { generator })), [x])).toThrow(/draws random numbers/);
    expect(() => checkpoint((a: Tensor) => a.add(constant.add_(1)), [x])).toThrow(/writes to a tensor made outside/);
    expect(() => checkpoint((a: Tensor) => a, [x, x])).toThrow(/same tensor/);
    expect(x.mul(2).sum().item()).toBe(6); // nothing is still being recorded
  });
});

test("checkpoint notices when what it must read again was overwritten", () => {
  tidy(() => {
    const x = tensor([1, 2]).requireGrad();
    const weight = tensor([1, 1]);
    const y = checkpoint((a: Tensor) => a.mul(weight).exp(), [x]);
    weight.add_(1);
    expect(() => backward(y.sum())).toThrow(/modified by an inplace operation/);
  });
});

test("checkpoint holds less memory between the forward and the backward pass", () => {
  using generator = new Generator(2);
  using weight = randn([512, 512], { generator }).mul(0.05).requireGrad();
  using x = randn([1024, 512], { generator }); // 2 MiB, as is each of a layer's inner results
  const layer = (h: Tensor): Tensor => h.matmul(weight).tanh().exp().sin().add(h);
  /** What the process holds more after the forward pass than before, while only the loss is in hand. */
  const heldBytes = (wrap: boolean): number => {
    const before = allocatedBytes();
    return tidy(() => {
      const loss = tidy(() => {
        let h = x;
        for (let i = 0; i < 16; i++) h = wrap ? checkpoint(layer, [h]) : layer(h);
        return h.sum();
      });
      const held = allocatedBytes() - before;
      backward(loss);
      weight.setGrad(null);
      return held;
    });
  };
  heldBytes(true); // what kernels allocate once and keep
  const saved = heldBytes(true);
  const plain = heldBytes(false);
  // Of each of 16 layers the graph keeps its input (the first's was there) and two inner results, 47 tensors of 2 MiB;
  // a checkpoint keeps the input alone.
  expect(plain / 2 ** 20).toBeGreaterThan(2 * 47 - 1);
  expect(saved / 2 ** 20).toBeLessThan(2 * 16 + 1);
});

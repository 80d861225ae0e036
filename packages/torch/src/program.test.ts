import { expect, test } from "vitest";
import {
  ArgumentError,
  adamwStep,
  backward,
  checkpoint,
  full,
  Generator,
  liveTensorCount,
  noGrad,
  type Program,
  randn,
  record,
  type Tensor,
  tensor,
  tidy,
  UseAfterFreeError,
} from "./index.ts";

/** A perceptron's training step, all in tensors: the step's rate is an input, so that it can change. */
function trainingStep(weight: Tensor): (x: Tensor, y: Tensor, rate: Tensor) => Tensor[] {
  return (x, y, rate) => {
    const loss = x.matmul(weight).tanh().sub(y).square().mean();
    backward(loss);
    noGrad(() => {
      const gradient = weight.grad();
      if (gradient) weight.sub_(gradient.mul(rate));
      weight.setGrad(null);
    });
    return [loss.detach()];
  };
}

test("a replay gives what the recorded calls would give for new inputs", async () => {
  const before = liveTensorCount();
  {
    using x = tensor([1, 2]);
    using y = tensor([10, 20]);
    using z = tensor([-3, 5]);
    const { program, outputs } = record((a, b) => [a.mul(b).add(1), a.sub(b)], [x, y]);
    using recorded = program;
    expect(outputs.map((o) => o.toArray())).toEqual([
      [11, 41],
      [-9, -18],
    ]);
    const replayed = await recorded.run([z, x]);
    expect(replayed.map((o) => o.toArray())).toEqual([
      [-2, 11],
      [-4, 3],
    ]);
    for (const tensor of [...outputs, ...replayed]) tensor.dispose();
  }
  expect(liveTensorCount()).toBe(before);
});

test("buffers are used again without disturbing results that were handed out", () => {
  tidy(() => {
    const x = tensor([1, 2]);
    const { program } = record((a) => [a.add(1).mul(2).add(3)], [x]);
    expect(program.facts).toEqual({ instructions: 3, reusing: 3, captured: 0 });
    const results = [1, 2, 3, 4].map((k) => program.runSync([tensor([k, 10 * k])])[0]);
    expect(results.map((r) => r?.toArray())).toEqual([
      [7, 25],
      [9, 45],
      [11, 65],
      [13, 85],
    ]);
    program.dispose();
  });
});

test("views keep the buffers they look at", () => {
  tidy(() => {
    const x = tensor([1, 2, 3, 4]);
    const { program } = record((a) => [a.add(1).view([2, 2]).at(0), a.mul(2)], [x]);
    const first = program.runSync([x]);
    const second = program.runSync([tensor([10, 20, 30, 40])]);
    expect(first.map((t) => t.toArray())).toEqual([
      [2, 3],
      [2, 4, 6, 8],
    ]);
    expect(second.map((t) => t.toArray())).toEqual([
      [11, 21],
      [20, 40, 60, 80],
    ]);
    program.dispose();
  });
});

test("views of what is captured are no steps of a replay, and see what is written to it", () => {
  tidy(() => {
    const table = tensor([
      [1, 2],
      [3, 4],
    ]);
    const x = tensor([10, 10]);
    const { program } = record((a) => [a.add(table.transpose(0, 1).narrow(0, 1, 1).view([2])), a.view([2, 1])], [x]);
    expect(program.facts).toMatchObject({ instructions: 2, captured: 1 }); // the sum, and the view of an input
    table.mul_(100);
    expect(program.runSync([tensor([1, 1])]).map((t) => t.toArray())).toEqual([
      [201, 401],
      [[1], [1]],
    ]);
    program.dispose();
  });
});

test("a whole training step replays: backward, gradients and in-place updates", async () => {
  using generator = new Generator(3);
  using x = randn([16, 4], { generator });
  using y = randn([16, 1], { generator });
  using rate = tensor(0.1);
  const train = async (replay: boolean): Promise<{ losses: number[]; weight: number[] }> => {
    using weight = full([4, 1], 0.5).requireGrad();
    const step = trainingStep(weight);
    const losses: number[] = [];
    let program: Program | undefined;
    for (let i = 0; i < 10; i++) {
      let outputs: Tensor[];
      if (!replay) outputs = tidy(() => step(x, y, rate));
      else if (program) outputs = await program.run([x, y, rate]);
      else ({ program, outputs } = record(step, [x, y, rate]));
      losses.push(...outputs.map((loss) => loss.item()));
      for (const loss of outputs) loss.dispose();
    }
    program?.dispose();
    return { losses, weight: weight.toNumbers() };
  };
  const eager = await train(false);
  expect(await train(true)).toEqual(eager);
  expect(eager.losses.at(-1)).toBeLessThan(eager.losses[0] ?? 0);
});

test("a checkpoint inside a recorded step gives the same gradients", () => {
  tidy(() => {
    const weight = tensor([0.5, -0.25]).requireGrad();
    const step = (wrap: boolean) => (x: Tensor) => {
      const body = (a: Tensor): Tensor => a.mul(weight).tanh();
      backward((wrap ? checkpoint(body, [x]) : body(x)).sum());
      const gradient = weight.grad();
      weight.setGrad(null);
      return gradient ? [gradient] : [];
    };
    const x = tensor([1, 2]);
    const other = tensor([3, -1]);
    const plain = record(step(false), [x]).program;
    const saved = record(step(true), [x]).program;
    const [expected] = plain.runSync([other]);
    const [got] = saved.runSync([other]);
    expect(got?.toArray()).toEqual(expected?.toArray());
    plain.dispose();
    saved.dispose();
  });
});

test("the event loop turns while a program runs", async () => {
  using generator = new Generator(0);
  using x = randn([256, 256], { generator });
  const { program, outputs } = record(
    (a) => {
      let h = a;
      for (let i = 0; i < 200; i++) h = h.mm(a).mul(0.01);
      return [h];
    },
    [x],
  );
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const [result] = await program.run([x]);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
  for (const tensor of [...outputs, result]) tensor?.dispose();
  program.dispose();
});

test("inputs that differ from the recorded ones are refused at once", () => {
  tidy(() => {
    const x = tensor([1, 2]);
    const { program } = record((a) => [a.add(1)], [x]);
    expect(() => program.runSync([tensor([1])])).toThrow(/recorded as \[2\] Float on cpu, got \[1\] Float on cpu/);
    expect(() => program.run([x.to("float64")])).toThrow(ArgumentError);
    expect(() => program.runSync([x, x])).toThrow(/takes 1 inputs, got 2/);
    program.dispose();
    expect(() => program.runSync([x])).toThrow(UseAfterFreeError);
  });
});

test("a failure during a replay rejects the promise and leaves the program usable", async () => {
  using values = tensor([1, 2, 3]);
  using good = tensor([0n, 2n]);
  using bad = tensor([0n, 7n]);
  const { program, outputs } = record((index) => [values.indexSelect(0, index)], [good]);
  await expect(program.run([bad])).rejects.toThrow(/index out of range/);
  const [result] = await program.run([good]);
  expect(result?.toArray()).toEqual([1, 3]);
  for (const tensor of [...outputs, result]) tensor?.dispose();
  program.dispose();
});

test("reading values while recording is refused and ends the recording", () => {
  tidy(() => {
    const x = tensor([1, 2]);
    expect(() => record((a) => [a.mul(a.sum().item())], [x])).toThrow(/reads a tensor's values/);
    expect(() => record((a) => record((b) => [b], [a]).outputs, [x])).toThrow(/inside record/);
    expect(x.sum().item()).toBe(3);
  });
});

test("an optimizer step can be part of a program", () => {
  tidy(() => {
    const run = (replay: boolean): number[] => {
      const parameter = tensor([1, 2]);
      const moments = [full([2], 0), full([2], 0)] as const;
      const options = { step: 1, learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01 };
      const step = (gradient: Tensor): Tensor[] => {
        const lists = {
          parameters: [parameter],
          gradients: [gradient],
          firstMoments: [moments[0]],
          secondMoments: [moments[1]],
        };
        adamwStep(lists, options);
        return [];
      };
      const gradient = tensor([0.3, -0.7]);
      if (!replay) {
        step(gradient);
        step(gradient);
      } else {
        const { program } = record(step, [gradient]);
        program.runSync([gradient]);
        program.dispose();
      }
      return parameter.toNumbers();
    };
    expect(run(true)).toEqual(run(false));
  });
});

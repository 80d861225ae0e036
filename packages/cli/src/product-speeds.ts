import { type Dtype, Generator, multiplyAddRate, randn, setThreads, tidy } from "@zerosearch/torch";

/** How fast one product of matrices, (rows, inputs) · (inputs, outputs), is on the CPU. */
export interface ProductSpeed {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** GFLOP/s. */
  readonly oneThread: number;
  /** GFLOP/s. */
  readonly allThreads: number;
}

/** The same beside what the processor can. */
export interface Float32Speed extends ProductSpeed {
  /** GFLOP/s of one thread's multiply-adds in registers, just before or after the product. */
  readonly multiplyAdds: number;
  /** `oneThread` of `multiplyAdds`. */
  readonly share: number;
}

export interface ProductSpeeds {
  readonly float32: readonly Float32Speed[];
  readonly bfloat16: ProductSpeed;
}

type Shape = Pick<ProductSpeed, "rows" | "inputs" | "outputs">;

/** One of a small model's layer, and one that is as large in every direction. */
const FLOAT32_SHAPES: readonly Shape[] = [
  { rows: 512, inputs: 1536, outputs: 576 },
  { rows: 1024, inputs: 1024, outputs: 1024 },
];
/** Smaller, because some libtorch has nothing but a simple loop for it. */
const BFLOAT16_SHAPE: Shape = { rows: 256, inputs: 1536, outputs: 576 };

/** Products are repeated for so long: others disturb some of them. */
const BUDGET_MS = 120;

/** Measures for some 0.7 s, and leaves as many threads in use as it is told. */
export function measureProducts(threads: number): ProductSpeeds {
  return tidy(() => ({
    float32: FLOAT32_SHAPES.map((shape) => {
      const product = productOf(shape, "float32");
      setThreads(1);
      const { speed, multiplyAdds } = besideLoop(product);
      const allThreads = onAllThreads(product, threads, speed);
      return { ...shape, oneThread: speed, allThreads, multiplyAdds, share: speed / multiplyAdds };
    }),
    bfloat16: measureBfloat16(threads),
  }));
}

function measureBfloat16(threads: number): ProductSpeed {
  const product = productOf(BFLOAT16_SHAPE, "bfloat16");
  setThreads(1);
  const oneThread = best(product);
  return { ...BFLOAT16_SHAPE, oneThread, allThreads: onAllThreads(product, threads, oneThread) };
}

function onAllThreads(product: Product, threads: number, oneThread: number): number {
  setThreads(threads);
  return threads === 1 ? oneThread : best(product);
}

/** Computes once and says how fast, in GFLOP/s. */
type Product = () => number;

function productOf({ rows, inputs, outputs }: Shape, dtype: Dtype): Product {
  const generator = new Generator(0);
  const left = randn([rows, inputs], { generator }).convert({ dtype }); // (rows, inputs)
  const right = randn([inputs, outputs], { generator }).convert({ dtype }); // (inputs, outputs)
  generator.dispose();
  return () => {
    const startedAt = performance.now();
    left.mm(right).dispose();
    return (2 * rows * inputs * outputs) / ((performance.now() - startedAt) * 1e6);
  };
}

/** The best of several: the others were disturbed. */
function best(product: Product): number {
  const until = performance.now() + BUDGET_MS;
  let speed = product();
  while (performance.now() < until) speed = Math.max(speed, product());
  return speed;
}

/** The same between loops of multiply-adds, with the better of the two beside it: both see the same clock. */
function besideLoop(product: Product): { readonly speed: number; readonly multiplyAdds: number } {
  const until = performance.now() + BUDGET_MS;
  let before = multiplyAddRate();
  let found = { speed: 0, multiplyAdds: before };
  do {
    const speed = product();
    const after = multiplyAddRate();
    if (speed > found.speed) found = { speed, multiplyAdds: Math.max(before, after) };
    before = after;
  } while (performance.now() < until);
  return found;
}

/**
 * Comparing two sides on a machine that others use too: they are measured in turn, A B A B …, and what is reported is
 * the median of the pairs' ratios, never a lone time.
 */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { getThreads, libtorch } from "@zerosearch/torch";

/** One side: does a fixed amount of work and returns what it cost, in any unit both sides share. */
export type Side = () => number | Promise<number>;

/** The costs of both sides in one turn. */
export type Pair = readonly [ours: number, theirs: number];

/** What a benchmark has to say, as the last line of `--json`. */
export interface BenchmarkResult {
  readonly name: string;
  readonly ratio: number;
  readonly better: "lower" | "higher";
  readonly bar: number;
  readonly pass: boolean;
  readonly pairs: readonly Pair[];
  readonly environment: Record<string, unknown>;
}

/** Uncounted turns are repeated for this long: JavaScript is compiled while it runs. */
const WARM_UP_MS = 3000;

/** Measures both sides in turn, after turns that warm both up: at least one, and 3 s of them. */
export async function interleave(ours: Side, theirs: Side, turns: number): Promise<Pair[]> {
  return (await interleaveAll([ours, theirs], turns)) as unknown as Pair[];
}

/** The same for any number of sides: for each turn what each of them cost, in their order. */
export async function interleaveAll(sides: readonly Side[], turns: number): Promise<number[][]> {
  const measured: number[][] = [];
  const take = async (): Promise<number[]> => {
    const costs: number[] = [];
    for (const side of sides) costs.push(await side());
    return costs;
  };
  const startedAt = performance.now();
  do await take();
  while (performance.now() - startedAt < WARM_UP_MS);
  while (measured.length < turns) measured.push(await take());
  return measured;
}

/** Median, smallest and largest of some numbers. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/** The ratios ours / theirs of some pairs. */
export function ratios(pairs: readonly Pair[]): number[] {
  return pairs.map(([ours, theirs]) => ours / theirs);
}

/** `1.02 (0.98–1.10)` */
export function showSpread({ median, min, max }: ReturnType<typeof spread>): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

/** What the figures depend on. */
export function environment(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    node: process.versions.node,
    libtorch: libtorch().version,
    threads: getThreads(),
  };
}

/** Prints what it ran on and the verdict, and with --json the result as the last line. Returns the exit code. */
export function conclude(result: BenchmarkResult): number {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { json: { type: "boolean" } }, strict: false });
  console.log(
    Object.entries(environment())
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  );
  const relation = result.better === "lower" ? "≤" : "≥";
  console.log(
    `${result.name}: ratio ${result.ratio.toFixed(3)}, bar ${relation} ${result.bar}: ${result.pass ? "pass" : "FAIL"}`,
  );
  if (values.json) console.log(JSON.stringify(result));
  return result.pass ? 0 : 1;
}

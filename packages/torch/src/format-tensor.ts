/** Printing a tensor so that a person can read it: aligned columns, the edges of what is large, shape and dtype. */
import type { Tensor } from "./tensor.ts";

/** More elements than this are shown by their edges only. */
const SUMMARISE_ABOVE = 1000;
const EDGE = 3;

/** A tensor's values, then its shape, dtype, device and whether it requires a gradient. */
export function formatTensor(tensor: Tensor): string {
  const facts = [`[${tensor.shape.join(", ")}]`, tensor.dtype];
  if (tensor.device !== "cpu") facts.push(tensor.device);
  if (tensor.requiresGrad) facts.push("requires grad");
  const head = `Tensor ${facts.join(" ")}`;
  if (tensor.device === "meta" || tensor.numel === 0) return head;
  const values = tensor.toTypedArray();
  const summarise = tensor.numel > SUMMARISE_ABOVE;
  const shown = new Map(offsets(tensor.shape, summarise).map((offset) => [offset, values[offset] ?? 0]));
  const format = formatter([...shown.values()], tensor.dtype === "bool");
  const width = most([...shown.values()].map((value) => format(value).length));
  const body = (dim: number, offset: number): string => {
    const size = tensor.shape[dim];
    if (size === undefined) return format(shown.get(offset) ?? 0).padStart(width);
    const step = stride(tensor.shape, dim);
    const isLast = dim === tensor.ndim - 1;
    const parts = positions(size, summarise).map((i) => (i < 0 ? "…" : body(dim + 1, offset + i * step)));
    return `[${parts.join(isLast ? ", " : `\n${" ".repeat(dim + 1)}`)}]`;
  };
  return `${head}\n${body(0, 0)}`;
}

/** Where in row-major order the shown elements stand. */
function offsets(shape: readonly number[], summarise: boolean): number[] {
  return shape.reduce<number[]>(
    (starts, size, dim) =>
      starts.flatMap((start) =>
        positions(size, summarise)
          .filter((i) => i >= 0)
          .map((i) => start + i * stride(shape, dim)),
      ),
    [0],
  );
}

/** The positions shown along a dimension; -1 where some are left out. */
function positions(size: number, summarise: boolean): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return summarise && size > 2 * EDGE + 1 ? [...all.slice(0, EDGE), -1, ...all.slice(-EDGE)] : all;
}

function stride(shape: readonly number[], dim: number): number {
  return shape.slice(dim + 1).reduce((product, size) => product * size, 1);
}

function formatter(values: readonly (number | bigint)[], isBool: boolean): (value: number | bigint) => string {
  if (isBool) return (value) => (value === 0 ? "false" : "true");
  const finite = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  if (finite.every(Number.isInteger)) return String;
  const largest = most(finite.map(Math.abs));
  const smallest = -most(finite.filter((value) => value !== 0).map((value) => -Math.abs(value)));
  const scientific = largest >= 1e6 || smallest < 1e-4;
  return (value) => {
    if (typeof value === "bigint" || !Number.isFinite(value)) return String(value);
    return scientific ? value.toExponential(4) : value.toFixed(4);
  };
}

/** The largest of any number of numbers: Math.max takes only so many arguments. */
function most(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY);
}

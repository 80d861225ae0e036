/**
 * In which order libraries sum the products of a row and a column. MKL, and some kernels of OpenBLAS, cut long sums into parts
 * that fit their caches, each part one chain of multiply-adds; where they cut, and whether a multiply-add is rounded once or
 * twice, differs. What was seen on which library stands in docs/log.md.
 */
import { type PackedWeight, type Summation, type Tensor, tidy } from "@zerosearch/torch";

/** How sums of so many inputs are computed. */
export type SummationRule = (inputs: number) => Summation;

/** How the products of attention are summed. */
export interface AttentionSummation {
  /** Of query and key, over the head's size. */
  readonly scores: SummationRule;
  /** Of weights and values, over the keys. */
  readonly values: SummationRule;
}

/** Lengths at which libraries cut. */
const PART_LENGTHS: readonly number[] = [192, 384, 256, 128, 224, 320, 352, 448, 512, 640, 768];
/** OpenBLAS rounds half of a sum up to the rows of its kernel. */
const HALVES: readonly number[] = [4, 8, 16];
/** Rows that a candidate is tried on first: most fail at once. */
const FIRST_ROWS = 2;

/** Where the order does not matter: long chains lose digits, short ones are slow. */
export const FAST_SUMMATION: SummationRule = (inputs) => ({ parts: evenParts(inputs, 256), isFused: true });

/** Sums are cut at every `chunk` inputs, and each part as the rule has it. */
export function inChunks(rule: SummationRule, chunk: number): SummationRule {
  return (inputs) => ({
    parts: evenParts(inputs, chunk).flatMap((length) => rule(length).parts),
    isFused: rule(inputs).isFused,
  });
}

/** A weight, packed, and what the BLAS makes of it. */
export interface SummationProbe {
  readonly packed: PackedWeight;
  readonly inputs: Tensor;
  readonly bias: Tensor | null;
  /** `linear(inputs, weight, bias)` */
  readonly expected: Tensor;
}

/** The rule by which the BLAS computed every probe, to the bit, if it is a known one. Probes are taken one at a time. */
export function findSummation(probes: Iterable<SummationProbe>): SummationRule | undefined {
  let rules = candidates();
  for (const probe of probes) {
    const known = new Map<string, boolean>(); // many rules cut a short sum alike
    rules = rules.filter((rule) => {
      const summation = rule(probe.inputs.size(1));
      const key = JSON.stringify(summation);
      const fits = known.get(key) ?? computesAs(summation, probe);
      known.set(key, fits);
      return fits;
    });
    if (rules.length === 0) break;
  }
  return rules[0];
}

function computesAs(summation: Summation, { packed, inputs, bias, expected }: SummationProbe): boolean {
  return [FIRST_ROWS, inputs.size(0)].every((rows) =>
    tidy(() => packed.linear(inputs.narrow(0, 0, rows), summation, bias).equal(expected.narrow(0, 0, rows))),
  );
}

function candidates(): SummationRule[] {
  return [true, false].flatMap((isFused) =>
    PART_LENGTHS.flatMap((length) => [
      (inputs: number) => ({ parts: evenParts(inputs, length), isFused }),
      ...HALVES.map((half) => (inputs: number) => ({ parts: partsWithHalves(inputs, length, half), isFused })),
    ]),
  );
}

/** MKL: parts of one length, and what is left. */
function evenParts(inputs: number, length: number): number[] {
  return Array.from({ length: Math.ceil(inputs / length) }, (_, i) => Math.min(length, inputs - i * length));
}

/** OpenBLAS: between one and two lengths, two halves. */
function partsWithHalves(inputs: number, length: number, multiple: number): number[] {
  const parts: number[] = [];
  for (let left = inputs; left > 0; left -= parts.at(-1) ?? left) {
    if (left >= 2 * length) parts.push(length);
    else if (left > length) parts.push(Math.ceil(Math.floor(left / 2) / multiple) * multiple);
    else parts.push(left);
  }
  return parts;
}

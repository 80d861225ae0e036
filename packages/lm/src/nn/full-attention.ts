/**
 * Causal attention over whole sequences, differentiable. Where the addon has no attention of its own, sequences of similar
 * length are padded to a common one and attended to together; padding stands after a sequence's end, where causality hides it.
 */
import { arange, cat, causalAttention, type Device, hasOwnAttention, type Tensor, tidy } from "@zerosearch/torch";
import { attend, attentionMask } from "./attend.ts";
import { int64 } from "./int64.ts";
import { roundUp } from "./numerics.ts";
import type { PackedSequences } from "./packed-sequences.ts";

/** Attention of one layer: q/√D (N, H, D), or of chosen rows, k and v (N, K, D) → the shape of q. */
export type Attention = (layer: number, query: Tensor, key: Tensor, value: Tensor) => Tensor;

/** Padded rows may exceed real ones by this much before a bucket is closed. */
const MOST_PADDING = 1.25;

interface Bucket {
  readonly sequences: number;
  readonly length: number;
  /** int64 (B·T): the packed row behind each padded one. */
  readonly rows: Tensor;
  /** (1, 1, T, T) */
  readonly mask: Tensor;
}

/**
 * Prepares attention for a pack; the result is freed with it through the enclosing `tidy` or scope.
 *
 * @param model  says where and in which dtype it will be computed
 */
export function fullAttention(packed: PackedSequences, model: Pick<Tensor, "dtype" | "device">): Attention {
  if (hasOwnAttention(model)) {
    return (_layer, query, key, value) => causalAttention(query, key, value, packed.lengths);
  }
  return paddedAttention(packed);
}

function paddedAttention(packed: PackedSequences): Attention {
  const device = packed.tokens.device;
  const plan = bucketPlan(packed);
  const buckets = plan.map(
    ({ members, length }): Bucket => ({
      sequences: members.length,
      length,
      rows: int64(
        members.flatMap(({ start, size }) => Array.from({ length }, (_, i) => start + Math.min(i, size - 1))),
        device,
      ),
      mask: causalMask(length, device),
    }),
  );
  const back = int64(rowsBack(plan, packed.tokens.size(0)), device);
  return (_layer, query, key, value) =>
    tidy(() => {
      const mixed = buckets.map((bucket) => attendBucket(bucket, { query, key, value }, packed));
      return cat(mixed, 0).indexSelect(0, back); // (N, H, D)
    });
}

function attendBucket(
  { sequences, length, rows, mask }: Bucket,
  { query, key, value }: { query: Tensor; key: Tensor; value: Tensor },
  { numerics }: PackedSequences,
): Tensor {
  const [, heads = 0, headSize = 0] = query.shape;
  const matrices = sequences * key.size(1);
  const split = (x: Tensor): Tensor =>
    x
      .indexSelect(0, rows)
      .view([sequences, length, x.size(1), headSize])
      .transpose(1, 2) // (B, heads, T, D)
      .reshape([matrices, -1, headSize]);
  const mixed = attend(split(query), { key: split(key), value: split(value), mask }, numerics); // (B·K, G·T, D)
  return mixed
    .reshape([sequences, heads, length, headSize])
    .transpose(1, 2)
    .reshape([sequences * length, heads, headSize]);
}

interface PlannedBucket {
  readonly members: { readonly index: number; readonly start: number; readonly size: number }[];
  readonly length: number;
}

function bucketPlan(packed: PackedSequences): PlannedBucket[] {
  const { starts } = packed;
  const byLength = packed.lengths
    .map((size, index) => ({ index, start: starts[index] ?? 0, size }))
    .sort((a, b) => b.size - a.size || a.index - b.index);
  const buckets: PlannedBucket[] = [];
  let real = 0;
  for (const member of byLength) {
    const current = buckets.at(-1);
    const padded = current ? current.length * (current.members.length + 1) : 0;
    if (current && padded <= MOST_PADDING * (real + member.size)) {
      current.members.push(member);
      real += member.size;
    } else {
      buckets.push({ members: [member], length: roundUp(member.size, packed.numerics.keyMultiple) });
      real = member.size;
    }
  }
  return buckets;
}

/** For each packed row, where the buckets' rows, one after another, hold it. Rows of no sequence take the first. */
function rowsBack(plan: readonly PlannedBucket[], rows: number): number[] {
  const back = new Array<number>(rows).fill(0);
  let offset = 0;
  for (const { members, length } of plan) {
    for (const { start, size } of members) {
      for (let i = 0; i < size; i++) back[start + i] = offset + i;
      offset += length;
    }
  }
  return back;
}

function causalMask(length: number, device: Device): Tensor {
  return tidy(() => {
    const positions = arange(0, length, 1, { device });
    const hidden = positions.unsqueeze(0).gt(positions.unsqueeze(1)); // (T, T): key after query
    return attentionMask(hidden.view([1, 1, length, length]));
  });
}

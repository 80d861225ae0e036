/** Writes safetensors files tensor by tensor: at most one is copied to the CPU or made contiguous at a time. */
import { noGrad, type Tensor, tidy } from "@zerosearch/torch";
import { RequestError } from "../errors.ts";
import { nameOfDtype } from "./safetensors-dtype.ts";
import { MAX_HEADER_BYTES } from "./safetensors-header.ts";
import { type StagedFile, stageFile } from "./staged-file.ts";

const CHUNK_BYTES = 64 * 1024 * 1024;

/** A tensor and its name in a checkpoint. */
export type NamedTensor = readonly [name: string, tensor: Tensor];

/**
 * Writes tensors to a safetensors file, replacing an old one only when the new one is complete and on the disk. They
 * are borrowed, may be on any device, and need not be contiguous. Tensors that share memory are written one by one.
 *
 * @param metadata  strings for the reader; transformers demands a `format`, here `pt` unless given
 * @throws {RequestError} a name occurs twice or is `__metadata__`, or the header exceeds the format's limit
 */
export function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  stageSafetensors(path, [...tensors], metadata).commit();
}

/** The same, but the file waits under another name until it is told to take its place. */
export function stageSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): StagedFile {
  checkNames(path, tensors);
  const sorted = inFileOrder(tensors);
  const header = makeHeader(path, sorted, { format: "pt", ...metadata });
  return stageFile(path, (append) => {
    append(header);
    for (const [, tensor] of sorted) appendTensor(tensor, append);
  });
}

/** How many bytes of a file a tensor takes. */
export function tensorBytes(tensor: Tensor): number {
  return tensor.numel * nameOfDtype(tensor.dtype).bytes;
}

function checkNames(path: string, tensors: readonly NamedTensor[]): void {
  const seen = new Set(["__metadata__"]);
  for (const [name] of tensors) {
    if (seen.has(name)) {
      throw new RequestError(
        `${path}: two tensors can't have the name "${name}"${name === "__metadata__" ? ", which the format reserves" : ""}`,
      );
    }
    seen.add(name);
  }
}

/** Widest elements first, so that each tensor is aligned for its type, as the format's own writer does. */
function inFileOrder(tensors: readonly NamedTensor[]): NamedTensor[] {
  return [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      nameOfDtype(b.dtype).bytes - nameOfDtype(a.dtype).bytes || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
}

function makeHeader(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const members = [`"__metadata__":${JSON.stringify(metadata)}`];
  for (const [name, tensor] of tensors) {
    const start = end;
    end += tensorBytes(tensor);
    const entry = { dtype: nameOfDtype(tensor.dtype).name, shape: tensor.shape, data_offsets: [start, end] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new RequestError(`${path}: the header would have ${length} bytes, the format allows ${MAX_HEADER_BYTES}`);
  }
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function appendTensor(tensor: Tensor, append: (bytes: Uint8Array) => void): void {
  if (tensor.numel === 0) return;
  using bytes = noGrad(() => tidy(() => tensor.detach().to("cpu").contiguous().view([-1]).viewDtype("uint8")));
  for (let start = 0; start < bytes.numel; start += CHUNK_BYTES) {
    using chunk = bytes.narrow(0, start, Math.min(CHUNK_BYTES, bytes.numel - start));
    append(new Uint8Array(chunk.toTypedArray().buffer));
  }
}

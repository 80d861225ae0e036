/**
 * The header of a safetensors file: eight bytes of length, little-endian, then JSON that gives every tensor's type,
 * shape and place. The tensors cover the rest of the file without overlap and without a hole.
 *
 * Deviation from the format's own reader: types that no tensor here can have are refused at once.
 */
import type { Dtype } from "@zerosearch/torch";
import { ModelFileError } from "../errors.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { dtypeOfName, isKnownDtypeName, READABLE_DTYPES } from "./safetensors-dtype.ts";

/** The format's own limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** One tensor of a file. */
export interface TensorInfo {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly start: number;
  readonly sizeBytes: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The length of the header, from the first eight bytes of a file.
 *
 * @throws {ModelFileError} the file is too short for it, or it is above the format's limit
 */
export function headerLength(firstBytes: Uint8Array, fileBytes: number, path: string): number {
  if (firstBytes.length < 8) {
    throw new ModelFileError(
      `${path}: the file has ${fileBytes} bytes, expected at least the 8 of the header's length`,
    );
  }
  const length = new DataView(firstBytes.buffer, firstBytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new ModelFileError(
      `${path}: the header's length is ${length} bytes, the format allows ${MAX_HEADER_BYTES}. Is it a safetensors file?`,
    );
  }
  if (8n + length > BigInt(fileBytes)) {
    throw new ModelFileError(
      `${path}: the header needs 8 + ${length} bytes, the file has ${fileBytes}. It was cut off; fetch it again.`,
    );
  }
  return Number(length);
}

/**
 * Reads a header and checks it against the size of what follows.
 *
 * @param bytes  the header without its length
 * @param dataBytes  how many bytes of the file follow
 * @param path  for messages
 * @throws {ModelFileError} anything in it is malformed; the message names the tensor
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, path: string): SafetensorsHeader {
  const { __metadata__: metadata, ...entries } = parseObject(bytes, path);
  const sorted = Object.entries(entries)
    .map(([name, entry]): [string, TensorInfo] => [name, parseEntry(entry, `${path}: tensor "${name}"`)])
    .sort(([, a], [, b]) => a.start - b.start || a.sizeBytes - b.sizeBytes);
  checkCoverage(sorted, dataBytes, path);
  return { tensors: new Map(sorted), metadata: parseMetadata(metadata, path) };
}

function parseObject(bytes: Uint8Array, path: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) {
    const seen = bytes.length === 0 ? "it is empty" : `its first byte is 0x${(bytes[0] ?? 0).toString(16)}`;
    throw new ModelFileError(`${path}: the header must start with "{", ${seen}`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelFileError(`${path}: the header is not UTF-8`, { cause });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(`${path}: the header is not JSON: ${messageOf(cause)}`, { cause });
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw new ModelFileError(`${path}: the header has the name "${duplicate}" twice`);
  return parsed as Record<string, unknown>;
}

function parseMetadata(metadata: unknown, path: string): Readonly<Record<string, string>> {
  if (metadata === undefined) return {};
  if (!isObject(metadata)) {
    throw new ModelFileError(`${path}: __metadata__ must be an object of strings, got ${JSON.stringify(metadata)}`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new ModelFileError(`${path}: __metadata__."${key}" must be a string, got ${JSON.stringify(value)}`);
    }
  }
  return metadata as Record<string, string>;
}

function parseEntry(entry: unknown, where: string): TensorInfo {
  if (!isObject(entry)) throw new ModelFileError(`${where}: expected an object, got ${JSON.stringify(entry)}`);
  const { dtype: name, shape, data_offsets: offsets } = entry;
  const facts = typeof name === "string" ? dtypeOfName(name) : undefined;
  if (!facts) {
    const known = typeof name === "string" && isKnownDtypeName(name);
    throw new ModelFileError(
      `${where}: dtype ${JSON.stringify(name)} ${known ? "can't be read here" : "is not one of the format"}, expected one of ${READABLE_DTYPES.join(", ")}`,
    );
  }
  if (!isSizes(shape)) {
    throw new ModelFileError(`${where}: shape must be integers ≥ 0, got ${JSON.stringify(shape)}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new ModelFileError(`${where}: data_offsets must be two integers ≥ 0, got ${JSON.stringify(offsets)}`);
  }
  const [start = 0, end = 0] = offsets;
  if (end < start) throw new ModelFileError(`${where}: data_offsets [${start}, ${end}] end before they start`);
  const sizeBytes = byteCount(shape, facts.bytes, where);
  if (end - start !== sizeBytes) {
    throw new ModelFileError(
      `${where}: data_offsets [${start}, ${end}] hold ${end - start} bytes, ${name} of shape [${shape.join(", ")}] needs ${sizeBytes}`,
    );
  }
  return { dtype: facts.dtype, shape, start, sizeBytes };
}

function byteCount(shape: readonly number[], bytes: number, where: string): number {
  let count = bytes;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) {
      throw new ModelFileError(`${where}: shape [${shape.join(", ")}] overflows, expected at most 2^53 - 1 bytes`);
    }
  }
  return count;
}

function checkCoverage(sorted: readonly [string, TensorInfo][], dataBytes: number, path: string): void {
  let end = 0;
  let before = "the header";
  for (const [name, { start, sizeBytes }] of sorted) {
    if (start !== end) {
      const fault = start < end ? `overlaps ${before}, which ends` : `leaves a hole after ${before}, which ends`;
      throw new ModelFileError(`${path}: tensor "${name}" starts at byte ${start}, it ${fault} at ${end}`);
    }
    end = start + sizeBytes;
    before = `tensor "${name}"`;
    if (end > dataBytes) {
      throw new ModelFileError(
        `${path}: ${before} ends at byte ${end} of the data, the file holds ${dataBytes}. It was cut off; fetch it again.`,
      );
    }
  }
  if (end !== dataBytes) {
    throw new ModelFileError(`${path}: ${dataBytes - end} trailing bytes after ${before}, which ends at ${end}`);
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

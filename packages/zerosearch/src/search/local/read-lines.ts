/** The lines of a text file, however large, with their numbers. Node's readline would also break at U+2028. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError } from "../../core/errors.ts";

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 0x0a;
/** A file without line breaks is no corpus: this stops before it fills the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Lines end with LF or CR LF; the last may end with the file. A byte order mark is skipped. A file named `.gz` is
 * unpacked on the way.
 *
 * @throws {DataError} it can't be read, or a line is not UTF-8
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let number = 0;
  const decode = (bytes: Uint8Array): Line => {
    number++;
    try {
      const text = decoder.decode(bytes).replace(/\r$/u, "");
      return { number, text: number === 1 ? text.replace(/^\uFEFF/u, "") : text };
    } catch (cause) {
      throw new DataError(`${path}:${number}: the line is not UTF-8. Convert the file to UTF-8.`, { cause });
    }
  };
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks(path)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield decode(Buffer.concat([...pending, chunk.subarray(start, end)]));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > MAX_LINE_BYTES) {
      throw new DataError(
        `${path}:${number + 1}: the line is longer than ${MAX_LINE_BYTES} bytes, expected one passage.`,
      );
    }
  }
  if (pendingBytes > 0) yield decode(Buffer.concat(pending));
}

async function* chunks(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  try {
    yield* path.endsWith(".gz") ? pipeline(file, createGunzip(), () => undefined) : file;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${path} can't be read: ${reason}.`, { cause });
  }
}

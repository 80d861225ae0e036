/** An append-only file of lines that can be cut back to a moment in its past, and a reader that survives a torn end. */
import { closeSync, createReadStream, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { RunError } from "../core/errors.ts";
import { fileFailure, onFile } from "./file-failure.ts";

/** A file of lines, open for appending. */
export class JsonlLog implements Disposable {
  readonly path: string;
  #file: number;
  #sizeBytes: number;

  /**
   * Opens or makes the file and forgets what comes after its first `keepBytes`: on resume, the lines written after the
   * checkpoint, the last of which may be torn.
   *
   * @throws {RunError} it can't be written, or is shorter than `keepBytes`
   */
  constructor(path: string, keepBytes: number) {
    this.path = path;
    this.#file = onFile("can't open", path, () => openSync(path, "a+"));
    this.#sizeBytes = keepBytes;
    try {
      const { size } = fstatSync(this.#file);
      if (size < keepBytes) {
        throw new RunError(
          `${path} has ${size} bytes, but the checkpoint was saved when it had ${keepBytes}: its end is lost. ` +
            "Restore the file, or delete the checkpoints made since and resume from an older one.",
        );
      }
      if (size > keepBytes) ftruncateSync(this.#file, keepBytes);
    } catch (cause) {
      closeSync(this.#file);
      throw fileFailure("can't truncate", path, cause);
    }
  }

  /** Where the next line will begin; what a checkpoint must remember. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * Adds a line; one that can't be written whole is taken back.
   *
   * @throws {RunError} such as on a full disk
   */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
    } catch (cause) {
      if (written > 0) ftruncateSync(this.#file, this.#sizeBytes);
      throw fileFailure("can't append to", this.path, cause);
    }
    this.#sizeBytes += bytes.length;
  }

  /** Waits until every line is on the disk. */
  sync(): void {
    onFile("can't write", this.path, () => fsyncSync(this.#file));
  }

  dispose(): void {
    if (this.#file < 0) return;
    closeSync(this.#file);
    this.#file = -1;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * The lines of a file, each parsed. What follows the last newline is a line still being written, or torn by a crash:
 * it is left out.
 *
 * @throws {RunError} a whole line can't be parsed; the message names it
 */
export async function* readLines<T>(path: string, parse: (line: string) => T): AsyncGenerator<T> {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let number = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const lines = (pending + decoder.write(chunk)).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) {
        number++;
        yield parseLine(line, parse, `${path}:${number}`);
      }
    }
  } catch (cause) {
    throw fileFailure("can't read", path, cause);
  }
}

const STEP = /^\{"step":(\d+)/;

/**
 * The lines of some steps, each parsed; of the others no more is read than the step that they begin with.
 *
 * @throws {RunError} as {@link readLines}
 */
export async function* readLinesOfSteps<T>(
  path: string,
  steps: ReadonlySet<number>,
  parse: (line: string) => T,
): AsyncGenerator<T> {
  const isWanted = (line: string): boolean => steps.has(Number(STEP.exec(line)?.[1]));
  for await (const parsed of readLines(path, (line) => (isWanted(line) ? [parse(line)] : []))) yield* parsed;
}

function parseLine<T>(line: string, parse: (line: string) => T, place: string): T {
  try {
    return parse(line);
  } catch (cause) {
    throw new RunError(`${place}: this line is damaged: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

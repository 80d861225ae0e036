/** One process per run folder: a file that names its holder, taken over if that process is gone. */
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { RunError } from "../core/errors.ts";
import { errorCode, fileFailure } from "./file-failure.ts";

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the kernel's ticks: tells it from a later one with the same number. Linux only. */
  readonly startTicks: string | null;
}

/** Attempts to become the one who replaces a dead holder, before giving up. */
const MAX_ATTEMPTS = 20;

/** A held lock. */
export class RunLock implements Disposable {
  readonly #path: string;
  readonly #content: string;

  /**
   * @throws {RunError} a living process, or a process of another machine, holds it
   */
  constructor(path: string) {
    this.#path = path;
    const holder: Holder = { pid: process.pid, host: hostname(), startTicks: startTicksOf(process.pid) };
    this.#content = JSON.stringify(holder);
    // The file gets its name when it is complete, so that nobody reads half of it.
    const staged = `${path}.${process.pid}`;
    try {
      writeAll(staged, this.#content);
      for (let attempt = 1; !isLinked(staged, path); attempt++) {
        if (attempt > MAX_ATTEMPTS) throw new RunError(`${path} changes hands all the time: start one run at a time`);
        removeIfDead(path);
      }
    } catch (cause) {
      throw fileFailure("can't lock", path, cause);
    } finally {
      rmSync(staged, { force: true });
    }
  }

  /** Gives the lock back, unless somebody else has taken it. */
  dispose(): void {
    if (readIfThere(this.#path) === this.#content) rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function isLinked(staged: string, path: string): boolean {
  try {
    linkSync(staged, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a process that is gone; throws if it lives or can't be asked. */
function removeIfDead(path: string): void {
  const content = readIfThere(path);
  if (content === undefined) return;
  const holder = parseHolder(content, path);
  if (holder.host !== hostname()) {
    throw new RunError(
      `the run is in use by process ${holder.pid} on ${holder.host}, as ${path} says. ` +
        `If that process is gone, delete the file; otherwise choose another name.`,
    );
  }
  if (isAlive(holder)) {
    throw new RunError(
      `the run is in use by process ${holder.pid} (${path}). Wait for it, stop it, or choose another name.`,
    );
  }
  // Another process may have come first and be the holder now: what was moved away must be what was judged.
  const removed = `${path}.removed-${process.pid}`;
  try {
    renameSync(path, removed);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  if (readFileSync(removed, "utf8") !== content) isLinked(removed, path);
  rmSync(removed, { force: true });
}

function parseHolder(content: string, path: string): Holder {
  try {
    const { pid, host, startTicks } = JSON.parse(content) as Holder;
    if (Number.isSafeInteger(pid) && pid > 0 && typeof host === "string") return { pid, host, startTicks };
  } catch {
    // Said below: both ways of being malformed need the same.
  }
  throw new RunError(`${path} names no process, so it is unknown whether the run is in use. If not, delete the file.`);
}

function isAlive({ pid, startTicks }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
  }
  const now = startTicksOf(pid);
  return startTicks === null || now === null || startTicks === now;
}

/** The 22nd field of /proc/PID/stat; the second, a name in parentheses, may hold spaces. */
function startTicksOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ESRCH") return undefined;
    throw error;
  }
}

function writeAll(path: string, text: string): void {
  const file = openSync(path, "w");
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

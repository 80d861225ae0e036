/** Failures of the file system as errors that say what to do. */
import { RunError } from "../core/errors.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space, or choose a folder on another disk",
  EDQUOT: "the disk quota is used up: free some space, or choose a folder on another disk",
  EROFS: "the file system is read-only: choose another folder",
  EACCES: "permission is denied: change the folder's permissions or choose another folder",
  EPERM: "the system does not permit it: change the folder's permissions or choose another folder",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder: choose another folder",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
};

/** The RunError of what went wrong with a file. A RunError passes unchanged. */
export function fileFailure(what: string, path: string, cause: unknown): RunError {
  if (cause instanceof RunError) return cause;
  const code = errorCode(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = code === undefined ? undefined : REMEDIES[code];
  return new RunError(`${what} ${path}: ${remedy === undefined ? reason : `${remedy} (${code})`}`, { cause });
}

/** Runs what touches files; its failures become {@link fileFailure}. */
export function onFile<T>(what: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw fileFailure(what, path, cause);
  }
}

/** Such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

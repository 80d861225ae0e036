/** What a checkpoint folder must hold, with checksums: written last, so a folder without it was never finished. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { errorCode } from "./file-failure.ts";

export const MANIFEST_FILE = "manifest.json";
const MANIFEST_FORMAT = 1;
const CHUNK_BYTES = 8 * 1024 * 1024;

export interface Manifest {
  readonly format: number;
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  /** What the best checkpoint has most of; null if this one does not compete. */
  readonly score: number | null;
  /** By path inside the folder, with forward slashes. */
  readonly files: Readonly<Record<string, FileSeal>>;
}

interface FileSeal {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The manifest of what lies in a folder now. */
export function sealFolder(folder: string, step: number, score: number | null): Manifest {
  const files = Object.fromEntries(
    filesIn(folder)
      .filter((name) => name !== MANIFEST_FILE)
      .map((name) => [name, sealFile(join(folder, name))]),
  );
  return { format: MANIFEST_FORMAT, step, savedAt: new Date().toISOString(), score, files };
}

/** @throws {RunError} it is missing, damaged or of another version */
export function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST_FILE);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RunError(`${path} ${errorCode(cause) === "ENOENT" ? "is missing" : `can't be read: ${reason}`}`, {
      cause,
    });
  }
  if (manifest?.format !== MANIFEST_FORMAT || typeof manifest.files !== "object" || manifest.files === null) {
    throw new RunError(`${path} has format ${manifest?.format}, expected ${MANIFEST_FORMAT}`);
  }
  return manifest;
}

/**
 * Compares every file with the manifest.
 *
 * @throws {RunError} naming the first that is missing, truncated or changed
 */
export function verifyFolder(folder: string): Manifest {
  const manifest = readManifest(folder);
  for (const [name, expected] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
    if (sizeBytes === undefined) throw new RunError(`${path} is missing`);
    if (sizeBytes !== expected.sizeBytes) {
      throw new RunError(`${path} has ${sizeBytes} bytes, expected ${expected.sizeBytes}`);
    }
    const { sha256 } = sealFile(path);
    if (sha256 !== expected.sha256) throw new RunError(`${path} has changed: its SHA-256 is ${sha256}`);
  }
  return manifest;
}

/** Paths of all files below a folder, sorted, with forward slashes. */
export function filesIn(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesIn(folder, `${prefix}${entry.name}/`) : [prefix + entry.name]))
    .sort();
}

function sealFile(path: string): FileSeal {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, "r");
  let sizeBytes = 0;
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      sizeBytes += read;
    }
  } finally {
    closeSync(file);
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

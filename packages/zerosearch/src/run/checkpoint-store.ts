/**
 * The checkpoints of a run as folders `step-00000042`. One appears under its name when everything in it is on the disk;
 * whenever a process dies, what bears such a name is complete, and the last good one is found. Knows nothing of what is
 * in them: `checkpoint.ts` does.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { RunError } from "../core/errors.ts";
import { filesIn, MANIFEST_FILE, readManifest, sealFolder, verifyFolder } from "./checkpoint-manifest.ts";
import { forceToDisk, writeDurableFile } from "./durable-file.ts";
import { fileFailure, onFile } from "./file-failure.ts";

const STEP_NAME = /^step-(\d{8,})$/;
const SAVING = ".saving-";
const REPLACED = ".replaced-";
const BEST_FILE = "best.json";

export interface SaveCheckpointOptions {
  readonly step: number;
  /** Fills the folder that it is given; nothing else may be in there. */
  readonly write: (folder: string) => void | Promise<void>;
  /** The higher, the better; without it the checkpoint can't become the best. */
  readonly score?: number;
  /** How many of the latest stay, at least 1. The best stays besides. */
  readonly keepLast: number;
}

/** A complete checkpoint whose checksums hold. */
export interface GoodCheckpoint {
  readonly path: string;
  readonly step: number;
  readonly score: number | null;
}

export interface FoundCheckpoint {
  /** Undefined if there is none. */
  readonly checkpoint: GoodCheckpoint | undefined;
  /** Why later ones were passed over. */
  readonly problems: readonly string[];
}

/**
 * Saves a checkpoint, then removes those that are to go: older than the last few unless they are the best, and those of
 * later steps, which a run that was resumed before them has left behind.
 *
 * @returns its folder
 * @throws {RunError} it could not be written; earlier checkpoints are untouched
 */
export async function saveToStore(root: string, options: SaveCheckpointOptions): Promise<string> {
  const { step, write, score = null, keepLast } = options;
  if (!Number.isSafeInteger(keepLast) || keepLast < 1) {
    throw new RunError(`keepLast must be an integer of at least 1, got ${keepLast}`);
  }
  if (score !== null && Number.isNaN(score)) throw new RunError(`the score of a checkpoint must be a number, got NaN`);
  const path = checkpointFolder(root, step);
  const staged = join(root, `${SAVING}${stepName(step)}`);
  try {
    mkdirSync(root, { recursive: true });
    cleanStore(root);
    mkdirSync(staged);
    await write(staged);
    writeDurableFile(join(staged, MANIFEST_FILE), `${JSON.stringify(sealFolder(staged, step, score), null, 2)}\n`);
    forceFolderToDisk(staged);
    takePlace(staged, root, stepName(step));
  } catch (cause) {
    rmSync(staged, { recursive: true, force: true });
    throw fileFailure("can't save the checkpoint", path, cause);
  }
  onFile("can't remove old checkpoints of", root, () => rotate(root, step, keepLast));
  return path;
}

/** The latest checkpoint whose checksums hold, and what is wrong with those after it. */
export function findLastGoodCheckpoint(root: string): FoundCheckpoint {
  const problems: string[] = [];
  if (!existsSync(root)) return { checkpoint: undefined, problems };
  onFile("can't clean", root, () => cleanStore(root));
  for (const step of stepsIn(root).reverse()) {
    const path = checkpointFolder(root, step);
    try {
      const { score } = verifyFolder(path);
      return { checkpoint: { path, step, score }, problems };
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { checkpoint: undefined, problems };
}

/** The step of the checkpoint with the highest score, the earliest of equals; undefined if none has a score. */
export function bestStep(root: string): number | undefined {
  return best(root, stepsIn(root))?.step;
}

/** Where the checkpoint of a step lies, or would lie. */
export function checkpointFolder(root: string, step: number): string {
  return join(root, stepName(step));
}

/** Steps that have a checkpoint, ascending; not checked. */
export function stepsIn(root: string): number[] {
  if (!existsSync(root)) return [];
  const steps = readdirSync(root).flatMap((name) => STEP_NAME.exec(name)?.[1] ?? []);
  return steps.map(Number).sort((a, b) => a - b);
}

/** Ends what a killed save left: half-written folders go; one that was being replaced comes back. */
function cleanStore(root: string): void {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    const replaced = join(root, name.slice(REPLACED.length));
    if (name.startsWith(REPLACED) && !existsSync(replaced)) renameSync(path, replaced);
    else if (name.startsWith(SAVING) || name.startsWith(REPLACED) || name.includes(".writing-")) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function takePlace(staged: string, root: string, name: string): void {
  const [path, aside] = [join(root, name), join(root, REPLACED + name)];
  const isReplacing = existsSync(path);
  if (isReplacing) renameSync(path, aside);
  renameSync(staged, path);
  forceToDisk(root);
  if (isReplacing) rmSync(aside, { recursive: true, force: true });
}

function rotate(root: string, savedStep: number, keepLast: number): void {
  const steps = stepsIn(root).filter((step) => step <= savedStep);
  const leader = best(root, steps);
  if (leader) writeDurableFile(join(root, BEST_FILE), `${JSON.stringify(leader)}\n`);
  const kept = new Set([...steps.slice(-keepLast), ...(leader ? [leader.step] : [])]);
  for (const step of stepsIn(root)) {
    if (kept.has(step)) continue;
    // Under a name that is no checkpoint's first, so that a kill leaves no half of one.
    const doomed = join(root, SAVING + stepName(step));
    renameSync(join(root, stepName(step)), doomed);
    rmSync(doomed, { recursive: true, force: true });
  }
}

function best(root: string, steps: readonly number[]): { step: number; score: number } | undefined {
  let leader: { step: number; score: number } | undefined;
  for (const step of steps) {
    const score = scoreOf(join(root, stepName(step)));
    if (score !== null && (!leader || score > leader.score)) leader = { step, score };
  }
  return leader;
}

/** A damaged checkpoint can't be the best. */
function scoreOf(folder: string): number | null {
  try {
    return readManifest(folder).score;
  } catch (error) {
    if (error instanceof RunError) return null;
    throw error;
  }
}

function forceFolderToDisk(folder: string): void {
  const files = filesIn(folder);
  for (const name of files) forceToDisk(join(folder, name));
  for (const inner of new Set(files.map((name) => dirname(name)))) forceToDisk(join(folder, inner));
  forceToDisk(folder);
}

function stepName(step: number): string {
  return `step-${String(step).padStart(8, "0")}`;
}

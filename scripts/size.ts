import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "./source-files.ts";

const MAX_LINES = 400;
const REVIEW_LINES = 250;
const EXTENSIONS = [".ts", ".mjs", ".cc", ".h"];
const EXEMPT = /\.(generated\.\w+|test\.ts|test-d\.ts)$/;

export interface SizeReport {
  /** Files that fail the check, one sentence each. */
  readonly errors: readonly string[];
  /** Files that are worth splitting before they grow. */
  readonly warnings: readonly string[];
}

/** Finds files too long to hold in one's head. Tests and generated files are exempt. */
export function checkSize(root: string): SizeReport {
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const path of sourceFiles(root, EXTENSIONS)) {
    if (EXEMPT.test(path)) continue;
    const lines = readFileSync(join(root, path), "utf8").split("\n").length - 1;
    if (lines > MAX_LINES) {
      errors.push(`${path} has ${lines} lines, at most ${MAX_LINES} are allowed. Split it into two ideas.`);
    } else if (lines >= REVIEW_LINES) {
      warnings.push(`${path} has ${lines} lines; from ${REVIEW_LINES} on, look for a second idea.`);
    }
  }
  return { errors, warnings };
}

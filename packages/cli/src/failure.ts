import { CommanderError } from "commander";

/** What to print for an error that reached the top; undefined where commander printed it already. */
export function messageOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** 0 after `--help`, `misuse` for a wrong command line, otherwise 1. */
export function exitCodeOf(error: unknown, misuse: number): number {
  if (!(error instanceof CommanderError)) return 1;
  return error.exitCode === 0 ? 0 : misuse;
}

/** `run.json` and `config.json`, as a run that goes on or is looked at reads them. */
import { readFileSync } from "node:fs";
import { RunError } from "../core/errors.ts";
import { onFile } from "./file-failure.ts";
import { RUN_FORMAT, type RunFacts } from "./run-files.ts";

/** @throws {RunError} the file is missing, damaged, or of another version */
export function readRunFacts(path: string): RunFacts {
  const facts = readJsonFile(path) as RunFacts;
  if (facts.format === RUN_FORMAT) return facts;
  throw new RunError(
    `${path} has format ${facts.format}, this version reads ${RUN_FORMAT}: use the version of zerosearch that made the run`,
  );
}

/** @throws {RunError} the file is missing or damaged */
export function readJsonFile(path: string): unknown {
  const text = onFile("can't read", path, () => readFileSync(path, "utf8"));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RunError(
      `${path} is no JSON: ${cause instanceof Error ? cause.message : cause}. Restore it or choose another name.`,
      { cause },
    );
  }
}

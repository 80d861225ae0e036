/** The folder of a run: made once, used by one process at a time, continued only with the configuration it began with. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { configDifference } from "./config-difference.ts";
import { writeDurableFile } from "./durable-file.ts";
import { onFile } from "./file-failure.ts";
import { readJsonFile, readRunFacts } from "./read-run-facts.ts";
import { redact } from "./redact.ts";
import { RUN_FILES, RUN_FORMAT, type RunFacts } from "./run-files.ts";
import { RunLock } from "./run-lock.ts";
import type { Versions } from "./versions.ts";

export interface RunDirectoryOptions {
  /** Such as `runs/first`. */
  readonly path: string;
  /** Resolved; written without its secrets, which don't count as a difference. */
  readonly config: object;
  /** Whether a run that is there is continued. */
  readonly resume: boolean;
  readonly seed: number;
  readonly versions: Versions;
}

/** A run folder in use by this process. Disposing of it lets others in. */
export class RunDirectory implements Disposable {
  readonly path: string;
  readonly facts: RunFacts;
  /** Whether it had been begun before. */
  readonly isResumed: boolean;
  readonly #lock: RunLock;

  /**
   * @throws {RunError} it is in use, can't be written, is no run folder, was begun with another configuration (the
   * message lists what differs), or is there although not to be resumed, or the other way round
   */
  constructor(options: RunDirectoryOptions) {
    this.path = options.path;
    const isThere = existsSync(options.path);
    if (options.resume && !isThere) {
      throw new RunError(`there is no run to resume at ${options.path}: check the name, or start it without --resume`);
    }
    if (isThere) checkIsOurs(options.path);
    onFile("can't make the run folder", options.path, () => mkdirSync(options.path, { recursive: true }));
    this.#lock = new RunLock(join(options.path, RUN_FILES.lock));
    try {
      const config = JSON.parse(JSON.stringify(redact(options.config))) as unknown;
      // The configuration is written last: without it the run had not begun.
      this.isResumed = existsSync(this.file("config"));
      if (this.isResumed) {
        this.#checkConfig(config, options.resume);
        this.facts = readRunFacts(this.file("facts"));
      } else {
        this.facts = begin(options);
        writeDurableFile(this.file("facts"), prettyJson(this.facts));
        writeDurableFile(this.file("config"), prettyJson(config));
      }
    } catch (error) {
      this.#lock.dispose();
      throw error;
    }
  }

  /** The path of one of its files. */
  file(name: keyof typeof RUN_FILES): string {
    return join(this.path, RUN_FILES[name]);
  }

  dispose(): void {
    this.#lock.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkConfig(config: unknown, resume: boolean): void {
    const path = this.file("config");
    const differences = configDifference(readJsonFile(path), config);
    if (differences.length > 0) {
      throw new RunError(
        `the run ${this.path} was begun with another configuration:\n  ${differences.join("\n  ")}\n` +
          `Use the configuration in ${path}, or choose another name for a new run.`,
      );
    }
    if (!resume) {
      throw new RunError(
        `there is a run with this configuration at ${this.path} already: continue it with --resume, or choose another name`,
      );
    }
  }
}

/** A folder that holds other things is not taken for a run. */
function checkIsOurs(path: string): void {
  const names = onFile("can't read the run folder", path, () => readdirSync(path));
  const known = Object.values(RUN_FILES);
  const stranger = names.find((name) => !known.some((ours) => name === ours || name.startsWith(`${ours}.`)));
  if (stranger !== undefined && !names.includes(RUN_FILES.config)) {
    throw new RunError(`${path} is no run folder: it holds ${stranger} and no config.json. Choose another name.`);
  }
}

function begin({ seed, versions }: RunDirectoryOptions): RunFacts {
  return { format: RUN_FORMAT, id: randomUUID(), createdAt: new Date().toISOString(), seed, versions };
}

function prettyJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

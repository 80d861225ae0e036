/** A Python process that measures its side when told to, so that both sides can take turns. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { libtorch } from "@zerosearch/torch";

/** Answers one line, a number, to every line it is sent. */
export class PythonPeer implements Disposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(python: string, script: string, args: readonly string[] = []) {
    this.#process = spawn(python, ["-u", script, ...args]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async ask(question: string): Promise<number> {
    this.#process.stdin.write(`${question}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the Python side ended instead of answering "${question}"`);
    return Number(value);
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}

/**
 * A Python whose `torch` is the very libtorch the addon is linked to.
 *
 * @throws {Error} there is none; the message says what to install
 */
export function pythonOfSameLibtorch(): { python: string; version: string } {
  const wanted = libtorch().version;
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const code = "import torch; print(torch.__version__)";
      const version = execFileSync(python, ["-c", code], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
      if (version.startsWith(wanted)) return { python, version };
    } catch {
      // no such Python, or one without torch: the next may have it
    }
  }
  throw new Error(
    `the benchmark needs a Python with PyTorch ${wanted}, the same libtorch as the addon's, and found none. ` +
      "On Debian and Ubuntu: apt-get install python3-torch",
  );
}

/** What the peers are compared in. Newest when the benchmarks were written, and known to work together. */
const PEERS = ["torch==2.15.0", "transformers==5.23.0", "trl==1.16.0", "gguf==0.19.0"];

/**
 * A Python with PyTorch, transformers, TRL and gguf: the one given as `--python`, or one that is made, outside the repository,
 * the first time a benchmark needs it.
 */
export function pythonWithPeers(): string {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { python: { type: "string" } }, strict: false });
  if (typeof values.python === "string") return values.python;
  const folder = join(tmpdir(), "zerosearch-bench-python");
  const python = join(folder, "bin/python");
  const complete = join(folder, "complete"); // says with what
  const wanted = PEERS.join(" ");
  if (!existsSync(complete) || readFileSync(complete, "utf8") !== wanted) {
    console.error(`making a Python environment with ${wanted} in ${folder}; this takes minutes`);
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(python, ["-m", "pip", "install", "--quiet", ...PEERS], { stdio: "inherit" });
    writeFileSync(complete, wanted);
  }
  return python;
}

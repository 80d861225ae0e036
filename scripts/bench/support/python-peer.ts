/** Python for benchmarks: a process that measures its side, and interpreters with what is compared. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { libtorch } from "@zerosearch/torch";
import { LinePeer } from "./line-peer.ts";

/** A {@link LinePeer} in Python. */
export class PythonPeer extends LinePeer {
  constructor(python: string, script: string, args: readonly string[] = []) {
    super("the Python side", python, ["-u", script, ...args]);
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

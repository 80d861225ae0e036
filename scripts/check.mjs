/**
 * `npm run check`: everything but the tests. Each step is named, all of them run, and those that failed
 * are listed at the end.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../packages/torch/toolchain/index.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NATIVE = "packages/torch/native";
const bin = (/** @type {string} */ name) => join(ROOT, "node_modules/.bin", name);

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} [skip]  why it does not run here
 */

/** @returns {Step[]} */
function steps() {
  const node = process.execPath;
  return [
    { name: "set-up and types", command: node, args: ["scripts/setup.mjs"] },
    { name: "lint and format", command: bin("biome"), args: ["check", "--error-on-warnings", "."] },
    { name: "layers", command: node, args: ["scripts/dist/check-layers.js"] },
    { name: "file size", command: node, args: ["scripts/dist/check-size.js"] },
    { name: "unused code", command: bin("knip"), args: ["--no-progress"] },
    {
      name: "C++ format",
      command: "bash",
      args: ["-c", `clang-format --dry-run --Werror ${NATIVE}/*.cc ${NATIVE}/*.h`],
      ...(findProgram("clang-format") ? {} : { skip: "clang-format is not on PATH" }),
    },
    {
      name: "generated operators",
      command: node,
      args: ["packages/torch/dist/codegen/generate.js", "--check"],
    },
  ];
}

/** @type {string[]} */
const failed = [];
for (const step of steps()) {
  if (step.skip) {
    console.log(`- ${step.name}: skipped, ${step.skip}`);
    continue;
  }
  const startedAt = Date.now();
  const { status } = spawnSync(step.command, step.args, { cwd: ROOT, stdio: "inherit" });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? "✓" : "✗"} ${step.name} (${seconds} s)`);
  if (status !== 0) failed.push(step.name);
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

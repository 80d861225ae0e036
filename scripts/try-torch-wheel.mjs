/**
 * Development only: does the addon build and pass its tests against a current PyTorch?
 *
 * Makes a Python environment outside the checkout, installs the part of a torch wheel that a CPU can use
 * (libtorch_cpu needs two small CUDA libraries, none of the large ones), builds against it and runs the
 * unit tests. The next `npm run setup` without LIBTORCH goes back to the usual libtorch.
 *
 *   node scripts/try-torch-wheel.mjs [FOLDER] [VERSION]
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const [folder = join(tmpdir(), "zerosearch-torch-wheel"), version] = process.argv.slice(2);

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 */
function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with exit code ${status}`);
  }
}

/** @returns {string | undefined} the wheel's folder, once it is installed */
function installedTorch() {
  const library = join(folder, "lib");
  if (!existsSync(library)) return undefined;
  return readdirSync(library)
    .map((python) => join(library, python, "site-packages/torch"))
    .find((torch) => existsSync(join(torch, "lib/libtorch_cpu.so")));
}

if (installedTorch() === undefined) {
  run("python3", ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--no-deps"];
  const python = join(folder, "bin/python");
  run(python, [...pip, version ? `torch==${version}` : "torch"]);
  run(python, [...pip, "nvidia-cuda-runtime", "nvidia-cuda-cupti"]);
}
const LIBTORCH = installedTorch();
if (LIBTORCH === undefined) {
  throw new Error(`No torch/lib/libtorch_cpu.so under ${folder}. Remove the folder and try again.`);
}
run(process.execPath, ["scripts/setup.mjs"], { LIBTORCH });
run(join(ROOT, "node_modules/.bin/vitest"), ["run"], { LIBTORCH });

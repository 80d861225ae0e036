import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { addonKeys } from "./addon-key.mjs";
import { findProgram } from "./find-program.mjs";
import { runLogged } from "./run-logged.mjs";
import { writeAtomic } from "./write-atomic.mjs";

const PACKAGE_DIR = dirname(dirname(fileURLToPath(import.meta.url)));
const NATIVE_DIR = join(PACKAGE_DIR, "native");
const BUILD_DIR = join(PACKAGE_DIR, "build");
const CURRENT = join(BUILD_DIR, "current.json");
const KEPT_ADDONS = 4;

/**
 * What `build/current.json` says: which addon is loaded and for which libtorch it was built.
 *
 * @typedef {object} CurrentAddon
 * @property {string} addon    torch.node, relative to `build/`
 * @property {string} key
 * @property {Pick<import('./libtorch.mjs').Libtorch,
 *   'root' | 'version' | 'source' | 'cxx11Abi' | 'cuda' | 'gloo' | 'libDir' | 'notes'>} libtorch
 * @property {string} builtAt  ISO 8601
 */

/** @returns {CurrentAddon | undefined} undefined before the first build */
export function currentAddon() {
  if (!existsSync(CURRENT)) return undefined;
  return JSON.parse(readFileSync(CURRENT, "utf8"));
}

/**
 * Makes `build/current.json` name an addon built from today's sources for this libtorch, compiling what
 * changed. Nothing is replaced before the new addon is complete.
 *
 * @param {import('./libtorch.mjs').Libtorch} libtorch
 * @param {{ logFile: string, onStart?: (text: string) => void, onProgress?: (line: string) => void }} options
 * @returns {Promise<{ current: CurrentAddon, built: boolean }>} `built` is false when it was there already
 * @throws {import('./run-logged.mjs').CommandError} the compiler refused; the message ends with its errors
 */
export async function buildAddon(libtorch, options) {
  const compiler = findCompiler();
  const keys = addonKeys(libtorch, NATIVE_DIR, compiler);
  const addon = join(BUILD_DIR, `${libtorch.version}-${keys.addon}`, "torch.node");
  const built = !existsSync(addon);
  if (built) {
    options.onStart?.(`compiling for libtorch ${libtorch.version} (${libtorch.cuda ? "CUDA" : "CPU"})`);
    const cmakeDir = join(BUILD_DIR, `cmake-${libtorch.version}-${keys.toolchain}`);
    await compile(libtorch, cmakeDir, compiler, options);
    mkdirSync(dirname(addon), { recursive: true });
    const temporary = `${addon}.${process.pid}.tmp`;
    copyFileSync(join(cmakeDir, "torch.node"), temporary);
    renameSync(temporary, addon);
    removeOldAddons(dirname(addon));
  }
  return { current: recordCurrent(libtorch, addon, keys.addon), built };
}

function findCompiler() {
  const compiler = process.env.CXX ?? findProgram("c++") ?? findProgram("g++");
  if (compiler === undefined) {
    throw new Error("No C++ compiler: neither c++ nor g++ is on PATH. Install g++, or set CXX.");
  }
  return compiler;
}

/**
 * @param {import('./libtorch.mjs').Libtorch} libtorch
 * @param {string} cmakeDir
 * @param {string} compiler
 * @param {{ logFile: string, onProgress?: (line: string) => void }} log
 */
async function compile(libtorch, cmakeDir, compiler, log) {
  const require = createRequire(import.meta.url);
  const nodeApi = dirname(require.resolve("node-api-headers/package.json"));
  const generator = findProgram("ninja") ? "Ninja" : "Unix Makefiles";
  const defines = {
    CMAKE_BUILD_TYPE: "Release",
    CMAKE_CXX_COMPILER: compiler,
    NODE_INCLUDE_DIR: join(nodeApi, "include"),
    TORCH_INCLUDE_DIRS: libtorch.includeDirs.join(";"),
    TORCH_LIB_DIR: libtorch.libDir,
    TORCH_LIBRARIES: "torch_cpu;c10",
    TORCH_CXX11_ABI: libtorch.cxx11Abi ? "1" : "0",
    TORCH_CUDA: libtorch.cuda ? "ON" : "OFF",
  };
  // A directory configured for another generator (ninja came or went) cannot be reused.
  const cache = join(cmakeDir, "CMakeCache.txt");
  if (existsSync(cache) && !readFileSync(cache, "utf8").includes(`CMAKE_GENERATOR:INTERNAL=${generator}`)) {
    rmSync(cmakeDir, { recursive: true });
  }
  const settings = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  await runLogged("cmake", ["-S", NATIVE_DIR, "-B", cmakeDir, "-G", generator, ...settings], log);
  const jobs = String(availableParallelism());
  // Past the first error, so that one run shows all of them.
  const keepGoing = generator === "Ninja" ? ["-k", "0"] : ["-k"];
  await runLogged("cmake", ["--build", cmakeDir, "--parallel", jobs, "--", ...keepGoing], log);
}

/**
 * @param {import('./libtorch.mjs').Libtorch} libtorch
 * @param {string} addon
 * @param {string} key
 * @returns {CurrentAddon}
 */
function recordCurrent(libtorch, addon, key) {
  const { includeDirs: _, ...facts } = libtorch;
  const path = relative(BUILD_DIR, addon);
  const before = currentAddon();
  const same = before?.addon === path && JSON.stringify(before.libtorch) === JSON.stringify(facts);
  if (same) return before;
  const builtAt = statSync(addon).mtime.toISOString();
  const current = { addon: path, key, libtorch: facts, builtAt };
  writeAtomic(CURRENT, `${JSON.stringify(current, null, 2)}\n`);
  return current;
}

/**
 * A few older addons stay: a process that runs may still need to load one, and switching between two
 * libtorch versions should not compile.
 *
 * @param {string} newest  the folder just written
 */
function removeOldAddons(newest) {
  const folders = readdirSync(BUILD_DIR)
    .map((name) => join(BUILD_DIR, name))
    .filter((folder) => folder !== newest && existsSync(join(folder, "torch.node")))
    .filter((folder) => !existsSync(join(folder, "CMakeCache.txt")))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of folders.slice(KEPT_ADDONS - 1)) rmSync(folder, { recursive: true });
}

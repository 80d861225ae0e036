import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const NODE_API_VERSION = 8;

/**
 * Names a build directory and an addon by everything that decides what the compiler produces.
 *
 * @param {import('./libtorch.mjs').Libtorch} libtorch
 * @param {string} nativeDir  the C++ sources
 * @param {string} compiler
 * @returns {{ toolchain: string, addon: string }} `toolchain` leaves the sources out: builds with the same
 *   one share object files
 */
export function addonKeys(libtorch, nativeDir, compiler) {
  const compilerId = execFileSync(compiler, ["--version"], { encoding: "utf8" }).split("\n")[0];
  const facts = JSON.stringify([
    libtorch.root,
    libtorch.version,
    libtorch.libDir,
    libtorch.cxx11Abi,
    libtorch.cuda,
    NODE_API_VERSION,
    process.arch,
    compilerId,
  ]);
  const toolchain = createHash("sha256").update(facts).digest("hex").slice(0, 12);
  const hash = createHash("sha256").update(facts);
  for (const name of nativeSources(nativeDir)) {
    hash.update(`\0${name}\0`).update(readFileSync(join(nativeDir, name)));
  }
  return { toolchain, addon: hash.digest("hex").slice(0, 12) };
}

/** @param {string} nativeDir */
function nativeSources(nativeDir) {
  return readdirSync(nativeDir)
    .filter((name) => /\.(cc|h)$|^CMakeLists\.txt$/.test(name))
    .sort();
}

import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { MULTIARCH } from "./multiarch.mjs";

const API_INCLUDE = "torch/csrc/api/include";
// The constructor of c10::Error takes a std::string, so its mangled name tells the C++ ABI.
const CXX11_SYMBOL = "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx11";

/**
 * Derives everything the build needs to know about the libtorch under one folder.
 *
 * @param {string} folder  a libtorch folder, a `torch` Python package, or a prefix such as `/usr`
 * @param {string} source  where the folder was learned from, in words
 * @returns {import('./libtorch.mjs').Inspection}
 */
export function inspectLibtorch(folder, source) {
  /**
   * @param {string} root
   * @param {string} reason
   */
  const reject = (root, reason) => ({ rejected: { root, source, reason } });

  const library = findLibrary(folder);
  if (library === undefined) return reject(folder, `no libtorch_cpu.so in ${join(folder, "lib")}`);
  // Debian's Python package holds links into the system's libtorch: that one is what will be used.
  const libDir = dirname(realpathSync(library));
  const root = libDir.endsWith(MULTIARCH) ? dirname(dirname(libDir)) : dirname(libDir);
  const include = join(root, "include");
  const version = readVersion(include);
  if (version === undefined) {
    return reject(root, `no C++ headers: ${join(include, API_INCLUDE, "torch/version.h")} is missing`);
  }
  /** @type {string[]} */
  const notes = [];
  return {
    libtorch: {
      root,
      version,
      source,
      includeDirs: [include, join(include, API_INCLUDE)],
      libDir,
      cxx11Abi: fileContains(join(libDir, "libc10.so"), CXX11_SYMBOL),
      cuda: hasUsableCuda(libDir, notes),
      gloo:
        existsSync(join(include, "torch/csrc/distributed/c10d/ProcessGroupGloo.hpp")) &&
        existsSync(join(include, "gloo/config.h")) &&
        fileContains(join(libDir, "libtorch_cpu.so"), "ProcessGroupGloo"),
      notes,
    },
  };
}

/** @param {string} folder */
function findLibrary(folder) {
  return ["lib", `lib/${MULTIARCH}`, "lib64"]
    .map((lib) => join(folder, lib, "libtorch_cpu.so"))
    .find((library) => existsSync(library));
}

/**
 * Newer versions keep the numbers in headeronly/version.h and include that from the old place.
 *
 * @param {string} include
 */
function readVersion(include) {
  if (!existsSync(join(include, API_INCLUDE, "torch/version.h"))) return undefined;
  for (const header of [`${API_INCLUDE}/torch/version.h`, "torch/headeronly/version.h"]) {
    const path = join(include, header);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    const parts = ["MAJOR", "MINOR", "PATCH"].map(
      (part) => new RegExp(`#define TORCH_VERSION_${part} (\\d+)`).exec(text)?.[1],
    );
    if (parts.every((part) => part !== undefined)) return parts.join(".");
  }
  return undefined;
}

/**
 * @param {string} libDir
 * @param {string[]} notes  gains the reason when CUDA is there but cannot be used
 */
function hasUsableCuda(libDir, notes) {
  const library = join(libDir, "libtorch_cuda.so");
  if (!existsSync(library)) {
    notes.push("CPU only: this libtorch was built without CUDA (no libtorch_cuda.so)");
    return false;
  }
  const missing = unresolvedLibraries(library);
  if (missing.length === 0) return true;
  notes.push(`CPU only: libtorch_cuda.so needs libraries that are not here: ${missing.join(", ")}`);
  return false;
}

/** @param {string} library */
function unresolvedLibraries(library) {
  try {
    const listing = execFileSync("ldd", [library], { encoding: "utf8", stdio: "pipe" });
    return [...listing.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? "");
  } catch (error) {
    return [`(ldd failed: ${error instanceof Error ? error.message.split("\n")[0] : error})`];
  }
}

/**
 * Reads in pieces and stops at the first hit: libtorch_cpu.so can be 450 MB, its symbol names come early.
 *
 * @param {string} path
 * @param {string} text
 */
function fileContains(path, text) {
  if (!existsSync(path)) return false;
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(1 << 22);
    let kept = 0; // the tail of the previous piece, so a hit across the border is seen
    for (;;) {
      const read = readSync(file, buffer, kept, buffer.length - kept, null);
      if (read === 0) return false;
      const filled = buffer.subarray(0, kept + read);
      if (filled.includes(text)) return true;
      kept = Math.min(text.length - 1, filled.length);
      filled.copy(buffer, 0, filled.length - kept);
    }
  } finally {
    closeSync(file);
  }
}

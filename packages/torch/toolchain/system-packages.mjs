import { existsSync, readdirSync, statSync } from "node:fs";
import { findProgram } from "./find-program.mjs";
import { MULTIARCH } from "./multiarch.mjs";
import { CommandError, runLogged } from "./run-logged.mjs";

const LISTS_DIR = "/var/lib/apt/lists";
const LISTS_MAX_AGE_MS = 24 * 3600 * 1000;
const OPENBLAS = /openblas|mkl|blis/;

/**
 * The distribution's packages that are still needed to build and run the addon.
 *
 * @param {import('./libtorch.mjs').Libtorch | undefined} libtorch  undefined: none was found
 * @returns {string[]} names as in Debian and Ubuntu
 */
export function missingPackages(libtorch) {
  /** @type {string[]} */
  const packages = [];
  if (!findProgram("c++") && !findProgram("g++") && !process.env.CXX) packages.push("g++");
  if (!findProgram("cmake")) packages.push("cmake");
  if (!findProgram("ninja") && !findProgram("make")) packages.push("ninja-build");
  if (libtorch === undefined) packages.push("libtorch-dev", "libgloo-dev", "libopenblas0-pthread");
  return packages;
}

/**
 * Where `apt-get` may install.
 *
 * @returns {string | undefined} why it may not, in words; undefined when it may
 */
export function whyNotInstall() {
  if (process.env.ZEROSEARCH_SETUP === "check") return "ZEROSEARCH_SETUP=check only looks";
  if (process.platform !== "linux") return `this is ${process.platform}, which has no apt`;
  if (!findProgram("apt-get")) return "this Linux has no apt-get";
  if (process.getuid?.() !== 0) return "installing system packages needs root";
  return undefined;
}

/** @param {readonly string[]} packages */
export function aptCommand(packages) {
  return `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

/**
 * @param {readonly string[]} packages
 * @param {{ logFile: string, onProgress?: (line: string) => void }} log
 * @throws {CommandError}
 */
export async function aptInstall(packages, log) {
  const options = { ...log, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const update = () => runLogged("apt-get", ["update", "--error-on=any"], options);
  const install = () => runLogged("apt-get", ["install", "-y", "--no-install-recommends", ...packages], options);

  // An interrupted earlier install leaves packages half configured, which apt refuses to build on.
  await runLogged("dpkg", ["--configure", "-a"], options);
  const fresh = listsAreFresh();
  if (!fresh) await update();
  try {
    await install();
  } catch (error) {
    // Lists that are young but name versions the mirror has replaced.
    if (!fresh || !(error instanceof CommandError)) throw error;
    await update();
    await install();
  }
  if (packages.includes("libopenblas0-pthread")) await preferOpenBlas(log);
}

function listsAreFresh() {
  if (!existsSync(LISTS_DIR)) return false;
  const lists = readdirSync(LISTS_DIR).filter((name) => /_Packages/.test(name));
  const newest = Math.max(0, ...lists.map((name) => statSync(`${LISTS_DIR}/${name}`).ctimeMs));
  return Date.now() - newest < LISTS_MAX_AGE_MS;
}

/**
 * Packages choose OpenBLAS by priority unless someone pinned another library by hand; the reference
 * library is far slower, so that pin alone is changed.
 *
 * @param {{ logFile: string }} log
 */
async function preferOpenBlas(log) {
  for (const name of ["libblas.so.3", "liblapack.so.3"]) {
    const link = `${name}-${MULTIARCH}`;
    const state = await runLogged("update-alternatives", ["--query", link], log);
    if (OPENBLAS.test(/^Value: (.*)$/m.exec(state)?.[1] ?? "")) continue;
    const openblas = /^Alternative: (.*openblas.*)$/m.exec(state)?.[1];
    if (openblas) await runLogged("update-alternatives", ["--set", link, openblas], log);
  }
}

import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { inspectLibtorch } from "./inspect-libtorch.mjs";

const SYSTEM_PYTHON = "/usr/bin/python3";
const SYSTEM_ROOTS = ["/usr", "/opt/libtorch", "/usr/local"];
// find_spec locates the package without importing it: 30 ms instead of seconds.
const LOCATE_TORCH =
  'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")';

/**
 * Where to look. Only tests change anything but `env`.
 *
 * @typedef {object} Places
 * @property {Readonly<Record<string, string | undefined>>} [env]
 * @property {string} [systemPython]
 * @property {readonly string[]} [systemRoots]
 */

/**
 * Looks for libtorch: `LIBTORCH`, the `torch` package of the active environment's python, of `python3`,
 * of the system's python, then the system's own library. The first usable one wins.
 *
 * A `LIBTORCH` that is set but wrong ends the search: who names a folder does not want another one.
 *
 * @param {Places} [places]
 * @returns {{ libtorch: import('./libtorch.mjs').Libtorch | undefined, rejected: import('./libtorch.mjs').Rejected[] }}
 */
export function findLibtorch(places = {}) {
  const { env = process.env, systemPython = SYSTEM_PYTHON, systemRoots = SYSTEM_ROOTS } = places;
  /** @type {import('./libtorch.mjs').Rejected[]} */
  const rejected = [];

  const named = env.LIBTORCH;
  if (named !== undefined && named !== "") {
    const found = inspectLibtorch(named, "LIBTORCH");
    if ("libtorch" in found) return { libtorch: found.libtorch, rejected };
    return { libtorch: undefined, rejected: [found.rejected] };
  }
  for (const { python, source } of pythons(env, systemPython)) {
    const found = inspectPython(python, source);
    if (found === undefined) continue;
    if ("libtorch" in found) return { libtorch: found.libtorch, rejected };
    rejected.push(found.rejected);
  }
  for (const root of systemRoots) {
    const found = inspectLibtorch(root, root === "/usr" ? "the system's libtorch-dev" : root);
    if ("libtorch" in found) return { libtorch: found.libtorch, rejected };
    rejected.push(found.rejected);
  }
  return { libtorch: undefined, rejected };
}

/**
 * A shim such as pyenv's may hide the system's python, so that one is asked by its full name as well.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} systemPython
 */
function pythons(env, systemPython) {
  const candidates = [];
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const prefix = env[name];
    if (prefix) candidates.push({ python: join(prefix, "bin/python"), source: `torch package of $${name}` });
  }
  const onPath = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "python3"))
    .find((path) => existsSync(path));
  if (onPath !== undefined) candidates.push({ python: onPath, source: "torch package of python3" });
  candidates.push({ python: systemPython, source: `torch package of ${systemPython}` });

  /** @type {Set<string>} */
  const seen = new Set();
  return candidates.filter(({ python }) => {
    if (!existsSync(python)) return false;
    // Only folders are resolved: a venv's python is a link to the system's, but another installation.
    const identity = join(realpathSync(dirname(python)), basename(python));
    return !seen.has(identity) && seen.add(identity);
  });
}

/**
 * @param {string} python
 * @param {string} source
 * @returns {import('./libtorch.mjs').Inspection | undefined} undefined where this python has no torch
 */
function inspectPython(python, source) {
  try {
    const root = execFileSync(python, ["-c", LOCATE_TORCH], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000,
    }).trim();
    return root === "" ? undefined : inspectLibtorch(root, source);
  } catch (error) {
    const text = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    return { rejected: { root: python, source, reason: `did not answer where torch is: ${text}` } };
  }
}

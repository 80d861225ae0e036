/**
 * A second checkout outside the repository, whose addon is built for the libtorch of a PyTorch wheel: which addon a
 * checkout loads is written in its `build/current.json`, so two of them in one run need two checkouts.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { libtorch } from "@zerosearch/torch";

/** This checkout, seen from `scripts/dist/bench/support`. */
export const CHECKOUT: string = fileURLToPath(new URL("../../../../", import.meta.url));
/** By its hash the set-up knows which packages are installed. */
const NPM_STAMP = "node_modules/.zerosearch-lock-hash";

/** A folder that holds all of this project, ready to run. */
export interface Checkout {
  readonly root: string;
  /** Of the libtorch that its addon is linked with. */
  readonly version: string;
}

/**
 * This checkout's working tree, set up for the `torch` package of a Python. Made in the system's folder for temporary
 * files, and kept there: a second run copies and compiles what changed.
 *
 * @throws {Error} this checkout computes with a wheel's libtorch itself, or with one of the same version
 */
export function wheelCheckout(python: string): Checkout {
  const code = "import os, torch; print(os.path.dirname(torch.__file__)); print(torch.__version__)";
  const [torch = "", version = ""] = execFileSync(python, ["-c", code], { encoding: "utf8" }).trim().split("\n");
  refuseLikeWithLike(version);
  warnOfNewerSources();
  const root = join(tmpdir(), "zerosearch-bench-wheel");
  console.error(
    `copying the checkout to ${root} and building it for libtorch ${version}; the first time this takes minutes`,
  );
  copyFiles(root);
  copyNpmPackages(root);
  // `env` adds to the environment, which scripts do not read; the set-up's words are no part of the results.
  execFileSync("env", [`LIBTORCH=${torch}`, process.execPath, "scripts/setup.mjs"], {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  return { root, version };
}

function refuseLikeWithLike(wheelVersion: string): void {
  const { root, source, version } = libtorch();
  const series = (of: string): string => of.split(".", 2).join(".");
  const isWheel = existsSync(join(root, "version.py")); // a Python package holds it, a system's library does not
  if (!isWheel && series(version) !== series(wheelVersion)) return;
  throw new Error(
    `default-speed compares the libtorch that the set-up installs with PyTorch's wheel of ${wheelVersion}, but this ` +
      `checkout's addon is built for libtorch ${version} of ${root} (${source})${isWheel ? ", a wheel's too" : ""}; expected ` +
      "the distribution's, of another version, such as Debian's 1.13. Unset LIBTORCH, leave any Python environment " +
      "that has torch, and run: npm run setup",
  );
}

/** The wheel's side is built from the sources as they are: if this side is not, the ratio says more than libtorch's share. */
function warnOfNewerSources(): void {
  const built = join(CHECKOUT, "packages/torch/build/current.json");
  const { builtAt } = JSON.parse(readFileSync(built, "utf8")) as { builtAt: string };
  const newer = trackedFiles()
    .filter((file) => file.startsWith("packages/torch/native/"))
    .filter((file) => statSync(join(CHECKOUT, file)).mtimeMs > Date.parse(builtAt));
  if (newer.length === 0) return;
  console.error(`warning: newer than this checkout's addon: ${newer.join(", ")}. To compare equals: npm run setup`);
}

/** Of the working tree: what git has, or would have, and is there. */
function trackedFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: CHECKOUT, encoding: "utf8" });
  return listed.split("\0").filter((file) => file !== "" && existsSync(join(CHECKOUT, file)));
}

/** Leaves files alone that are the same, so that nothing is compiled for their new date, and removes those that are gone. */
function copyFiles(root: string): void {
  const files = trackedFiles();
  const list = join(root, "build/copied-files.json");
  const before: string[] = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
  const kept = new Set(files);
  for (const file of before) if (!kept.has(file)) rmSync(join(root, file), { force: true });
  mkdirSync(dirname(list), { recursive: true });
  writeFileSync(list, JSON.stringify(files)); // first: an interrupted copy is still known
  for (const file of files) {
    const [source, target] = [join(CHECKOUT, file), join(root, file)];
    if (existsSync(target) && readFileSync(source).equals(readFileSync(target))) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

/** Links stay as they are, relative: so workspaces are those of the copy. */
function copyNpmPackages(root: string): void {
  const [source, target] = [join(CHECKOUT, NPM_STAMP), join(root, NPM_STAMP)];
  if (existsSync(source) && existsSync(target) && readFileSync(source).equals(readFileSync(target))) return;
  rmSync(join(root, "node_modules"), { recursive: true, force: true });
  cpSync(join(CHECKOUT, "node_modules"), join(root, "node_modules"), { recursive: true, verbatimSymlinks: true });
}

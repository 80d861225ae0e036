/**
 * Makes a checkout ready to run: npm packages, libtorch and a compiler, the addon, the compiled TypeScript.
 * Each part is skipped when it is up to date, so `npm start` and `npm test` begin with it.
 *
 * Runs before anything is installed: Node built-ins and the equally bare `toolchain` only.
 * `ZEROSEARCH_SETUP=check` changes nothing outside `build/` and `dist/`: what is missing is an error.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  aptCommand,
  aptInstall,
  buildAddon,
  explainMissing,
  findLibtorch,
  missingPackages,
  runLogged,
  whyNotInstall,
  writeAtomic,
} from "../packages/torch/toolchain/index.mjs";
import { withLock } from "./setup-lock.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILD = join(ROOT, "build");
const LOG_FILE = join(BUILD, "setup.log");
const NPM_STAMP = join(ROOT, "node_modules/.zerosearch-lock-hash");
const MINIMUM_NODE = [20, 19];

/** What stops the set-up and is the user's to act on; printed without a stack. */
class SetupError extends Error {}

/** @param {string} text */
const say = (text) => process.stdout.write(`setup: ${text}\n`);
const log = { logFile: LOG_FILE, onProgress: (/** @type {string} */ line) => say(`  … ${line}`) };

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = MINIMUM_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: ${MINIMUM_NODE.join(".")} or newer is needed. Install a current Node.`,
  );
}

async function installNpmPackages() {
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const hash = createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
  if (existsSync(NPM_STAMP) && readFileSync(NPM_STAMP, "utf8") === hash) return;
  if (process.env.ZEROSEARCH_SETUP === "check") {
    throw new SetupError("npm packages are missing or out of date. Run:\n  npm ci");
  }
  say("installing npm packages (npm ci)");
  rmSync(NPM_STAMP, { force: true });
  await runLogged("npm", ["ci", "--no-audit", "--no-fund"], { ...log, cwd: ROOT });
  writeAtomic(NPM_STAMP, hash);
}

async function ensureLibtorch() {
  let { libtorch, rejected } = findLibtorch();
  // A LIBTORCH that is wrong is the user's to correct: installing another one would not be used.
  const searchable = libtorch !== undefined || !process.env.LIBTORCH;
  if (!searchable) throw new SetupError(explainMissing(rejected));
  const packages = missingPackages(libtorch);
  if (packages.length > 0) {
    const refusal = whyNotInstall();
    if (refusal !== undefined) throw new SetupError(explainRefusal(libtorch, rejected, packages, refusal));
    say(`installing from the distribution: ${packages.join(" ")}`);
    await aptInstall(packages, log);
    ({ libtorch, rejected } = findLibtorch());
  }
  if (libtorch === undefined) throw new SetupError(explainMissing(rejected));
  return libtorch;
}

/**
 * @param {import('../packages/torch/toolchain/libtorch.mjs').Libtorch | undefined} libtorch
 * @param {readonly import('../packages/torch/toolchain/libtorch.mjs').Rejected[]} rejected
 * @param {readonly string[]} packages
 * @param {string} refusal
 */
function explainRefusal(libtorch, rejected, packages, refusal) {
  const lines = [`Not installed: ${packages.join(", ")} (${refusal}).`];
  if (libtorch === undefined) lines.push(explainMissing(rejected));
  if (process.platform === "linux") {
    lines.push("On Debian or Ubuntu, run as root:", `  ${aptCommand(packages)}`);
  } else {
    lines.push(
      "Only Linux is set up automatically. Install a C++ compiler, CMake and libtorch yourself,",
      "set LIBTORCH to the libtorch folder, and run this again.",
    );
  }
  return lines.join("\n");
}

/** The compiler writes to the terminal itself: its errors are for whoever edits the code. */
async function compileTypeScript() {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const code = await new Promise((resolve, reject) => {
    spawn(process.execPath, [compiler, "-b"], {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
    })
      .on("error", reject)
      .on("close", resolve);
  });
  if (code !== 0) throw new SetupError("TypeScript did not compile; the errors are above.");
}

async function setup() {
  checkNode();
  await installNpmPackages();
  const libtorch = await ensureLibtorch();
  const startedAt = Date.now();
  const { built } = await buildAddon(libtorch, {
    ...log,
    onStart: (text) => say(`addon: ${text}`),
  });
  if (built) {
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    say(`addon: built in ${seconds} s`);
  }
  await compileTypeScript();
  say(`ready: libtorch ${libtorch.version} (${libtorch.source}), ${libtorch.cuda ? "CUDA" : "CPU"}`);
}

try {
  mkdirSync(BUILD, { recursive: true });
  await withLock(join(BUILD, "setup.lock"), say, setup);
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

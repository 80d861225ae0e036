/** The package's sources as a process of its own runs them, compiled anew: for tests that kill processes. */
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SOURCES = fileURLToPath(new URL("../..", import.meta.url));
const OPTIONS = "--noCheck --rewriteRelativeImportExtensions --target ES2022 --module NodeNext".split(" ");

/**
 * @param folder   where they go, and what runs them; it is made a package
 * @param entries  such as `run/run.ts`; what they import is compiled too
 * @returns the URL that `run/run.js` is appended to
 */
export function compileSources(folder: string, entries: readonly string[]): string {
  const { resolve } = createRequire(import.meta.url);
  const typescript = dirname(resolve("typescript/package.json"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", version: "0.0.0" }));
  symlinkSync(dirname(typescript), join(folder, "node_modules"));
  const places = ["--rootDir", SOURCES, "--outDir", join(folder, "dist")];
  const files = entries.map((name) => join(SOURCES, name));
  execFileSync(process.execPath, [join(typescript, "bin/tsc"), ...OPTIONS, ...places, ...files], { cwd: folder });
  return `${pathToFileURL(join(folder, "dist")).href}/`;
}

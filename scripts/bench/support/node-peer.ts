/** A package of npm that a benchmark compares with and the project does not depend on. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Imports it from a folder outside the repository, where it is installed the first time a benchmark needs it. */
export async function importPeer<Module>(name: string, version: string): Promise<Module> {
  const folder = join(tmpdir(), `zerosearch-bench-${name}-${version}`);
  if (!existsSync(join(folder, "node_modules", name))) {
    console.error(`installing ${name} ${version} in ${folder}; this takes a minute`);
    // Its files alone: what they would do once installed, such as building from source, is not wanted.
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, `${name}@${version}`], { stdio: ["ignore", "ignore", "inherit"] });
  }
  return (await import(createRequire(join(folder, "package.json")).resolve(name))) as Module;
}

#!/usr/bin/env node
/**
 * What `npx zerosearch` runs. It lies in the repository, executable, since npm links commands before anything is
 * compiled, and only those whose file is there.
 */
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error("zerosearch is not compiled yet. Run:\n  npm run setup");
  process.exitCode = 1;
}

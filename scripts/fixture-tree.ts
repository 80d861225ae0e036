import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A throw-away folder for one test. */
export interface FixtureTree extends Disposable {
  readonly root: string;
}

/** Writes files (path → text) under a new temporary folder, which `using` removes again. */
export function fixtureTree(files: Readonly<Record<string, string>>): FixtureTree {
  const root = mkdtempSync(join(tmpdir(), "zerosearch-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

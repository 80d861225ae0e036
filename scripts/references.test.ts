import { expect, test } from "vitest";
import { fixtureTree } from "./fixture-tree.ts";
import { checkReferences } from "./references.ts";

const tsconfig = (references: readonly string[], options: object = {}): string =>
  JSON.stringify({
    compilerOptions: { rootDir: "src", outDir: "dist", ...options },
    references: references.map((path) => ({ path })),
  });

/** Faults of a tree of two projects, `low` with a second one for its tools, and `high`, which holds one file. */
function faultsOf(text: string, references: readonly string[]): string[] {
  using tree = fixtureTree({
    "tsconfig.json": JSON.stringify({
      references: [{ path: "low" }, { path: "low/tsconfig.tools.json" }, { path: "high" }],
    }),
    "low/package.json": JSON.stringify({
      name: "@all/low",
      exports: { ".": { types: "./dist/index.d.ts" }, "./tools": { types: "./tools/dist/index.d.mts" } },
    }),
    "low/tsconfig.json": tsconfig([]),
    "low/src/a.ts": "import { b } from './b.ts';",
    "low/tsconfig.tools.json": tsconfig([], { rootDir: "tools", outDir: "tools/dist", allowJs: true }),
    "low/tools/index.mjs": "",
    "high/tsconfig.json": tsconfig(references),
    "high/src/a.ts": text,
  });
  return checkReferences(tree.root);
}

test("what is imported, types included, must be referred to", () => {
  const missing = ["high: high/src/a.ts imports low, which its references lack. Add it."];
  expect(faultsOf("import type { B } from '@all/low';", [])).toEqual(missing);
  expect(faultsOf("const b = await import('@all/low');", [])).toEqual(missing);
  expect(faultsOf("import { b } from '@all/low';", ["../low"])).toEqual([]);
});

test("a second entry of a package belongs to the project that emits it", () => {
  const missing = ["high: high/src/a.ts imports low/tsconfig.tools.json, which its references lack. Add it."];
  expect(faultsOf("import { b } from '@all/low/tools';", [])).toEqual(missing);
  expect(faultsOf("import { b } from '../../low/tools/index.mjs';", [])).toEqual(missing);
  expect(faultsOf("import { b } from '@all/low/tools';", ["../low/tsconfig.tools.json"])).toEqual([]);
});

test("a reference that nothing needs is named", () => {
  expect(faultsOf("import { b } from 'elsewhere';", ["../low"])).toEqual([
    "high: refers to low, which it does not import. Remove it.",
  ]);
});

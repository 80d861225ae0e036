import { expect, test } from "vitest";
import { fixtureTree } from "./fixture-tree.ts";
import { checkLayers, type Layers } from "./layers.ts";

const LAYERS: Layers = {
  packages: {
    low: { folder: "packages/low", imports: [] },
    high: {
      folder: "packages/high",
      imports: ["low"],
      order: [["core"], ["update"], ["train", "eval"]],
      valueImports: { low: ["update"] },
    },
  },
};

/** Faults of a tree in which `high` declares `low` and holds one file. */
function faultsOf(path: string, text: string, dependencies: object = { low: "1.0.0" }): string[] {
  using tree = fixtureTree({
    "packages/low/package.json": "{}",
    "packages/high/package.json": JSON.stringify({ dependencies }),
    [path]: text,
  });
  return checkLayers(tree.root, LAYERS);
}

test("a lower package may not import a higher one", () => {
  expect(faultsOf("packages/low/src/a.ts", "import { b } from 'high';")).toEqual([
    "packages/low/src/a.ts: imports high, but layers.json lets low import no workspace package.",
  ]);
});

test("an allowed import passes, and must be declared in package.json", () => {
  const file = "packages/high/src/update/a.ts";
  expect(faultsOf(file, "import { b } from 'low/sub';")).toEqual([]);
  expect(faultsOf(file, "import { b } from 'low';", {})).toEqual([
    expect.stringContaining("imports low, which packages/high/package.json does not declare"),
  ]);
});

test("outside the named folders only types may come from a package", () => {
  const file = "packages/high/src/core/a.ts";
  expect(faultsOf(file, "import type { B } from 'low';")).toEqual([]);
  expect(faultsOf(file, "import { b } from 'low';")).toEqual([
    expect.stringContaining("imports values from low; only update may"),
  ]);
});

test("folders import to the left only, and never a neighbour", () => {
  expect(faultsOf("packages/high/src/update/a.ts", "import { b } from '../core/b.ts';")).toEqual([]);
  expect(faultsOf("packages/high/src/core/a.ts", "import { b } from '../update/b.ts';")).toEqual([
    expect.stringContaining("src/core imports src/update"),
  ]);
  expect(faultsOf("packages/high/src/train/a.ts", "import { b } from '../eval/b.ts';")).toEqual([
    expect.stringContaining("src/train imports src/eval"),
  ]);
});

test("a folder that layers.json does not know is named", () => {
  expect(faultsOf("packages/high/src/utils/a.ts", "import { b } from '../core/b.ts';")).toEqual([
    expect.stringContaining("src/utils has no place"),
  ]);
});

test("a relative path may not leave the package", () => {
  expect(faultsOf("packages/high/src/a.ts", "import { b } from '../../low/src/b.ts';")).toEqual([
    expect.stringContaining("outside its package"),
  ]);
});

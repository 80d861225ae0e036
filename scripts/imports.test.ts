import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";

test("finds static, side-effect, re-exporting and dynamic imports, and knows types from values", () => {
  const source = [
    "import { a } from './a.ts';",
    "import type { B } from 'b';",
    "import { type C } from 'c';",
    "import './d.ts';",
    "export {",
    "  e,",
    "} from './e.ts';",
    "export type { F } from './f.ts';",
    "const g = await import('g');",
  ].join("\n");
  expect(importsOf(source)).toEqual([
    { specifier: "./a.ts", typeOnly: false },
    { specifier: "b", typeOnly: true },
    { specifier: "c", typeOnly: false },
    { specifier: "./e.ts", typeOnly: false },
    { specifier: "./f.ts", typeOnly: true },
    { specifier: "./d.ts", typeOnly: false },
    { specifier: "g", typeOnly: false },
  ]);
});

test("comments do not count", () => {
  expect(importsOf("/** {@link import('x')} */\n// import('y')\n *  import('z')")).toEqual([]);
});

import { expect, test } from "vitest";
import { fixtureTree } from "./fixture-tree.ts";
import { checkSize } from "./size.ts";

const lines = (count: number) => "x\n".repeat(count);

test("a file of 400 lines passes with a warning, one of 401 fails", () => {
  using tree = fixtureTree({ "a.ts": lines(400), "b/c.cc": lines(401), "d.mjs": lines(249) });
  const { errors, warnings } = checkSize(tree.root);
  expect(errors).toEqual([expect.stringContaining("b/c.cc has 401 lines, at most 400")]);
  expect(warnings).toEqual([expect.stringContaining("a.ts has 400 lines")]);
});

test("tests, generated files and what is built or installed are exempt", () => {
  using tree = fixtureTree({
    "a.test.ts": lines(500),
    "ops.generated.ts": lines(500),
    "dist/b.ts": lines(500),
    "node_modules/c/c.mjs": lines(500),
  });
  expect(checkSize(tree.root)).toEqual({ errors: [], warnings: [] });
});

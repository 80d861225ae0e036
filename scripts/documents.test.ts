/** What the documents name exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCUMENTS = [
  ...["README.md", "AGENTS.md", "CONTRIBUTING.md", "configs/README.md"],
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Where a path may begin: the repository, a package or its sources. */
const BASES = [
  "",
  ...readdirSync(join(ROOT, "packages")).flatMap((name) => [`packages/${name}`, `packages/${name}/src`]),
];
/** A path in back quotes: `docs/notation.md`, `update/kl.ts`, `packages/lm`. */
const PATH = /`((?:[\w.-]+\/)+[\w.-]*)`/g;
/** Paths of what is built, downloaded or run, not of what is kept. */
const NOT_KEPT = /(^|\/)(build|dist|runs|run|data|models|toolchain\/dist|node_modules|usr|include|lib|policy)\//;
const LINK = /\]\(([^)#:]+)(?:#[^)]*)?\)/g;

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test.each(DOCUMENTS)("%s links to files that exist", (document) => {
  const targets = [...textOf(document).matchAll(LINK)].map(([, target = ""]) => target);
  expect(targets.filter((target) => !existsSync(join(ROOT, dirname(document), target)))).toEqual([]);
});

test.each(DOCUMENTS.filter((path) => path !== "docs/log.md"))("%s names paths that exist", (document) => {
  const paths = [...textOf(document).matchAll(PATH)]
    .map(([, path = ""]) => path)
    .filter((path) => !NOT_KEPT.test(path));
  expect(paths.filter((path) => !BASES.some((base) => existsSync(join(ROOT, base, path))))).toEqual([]);
});

describe("docs/deviations.md", () => {
  const rows = [...textOf("docs/deviations.md").matchAll(/^\| (D\d+) \| (.+) \| (.+) \|$/gm)];

  test("has one row for each of the 42 defects", () => {
    const numbers = rows.map(([, id = ""]) => Number(id.slice(1))).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 42 }, (_, i) => i + 1));
  });

  test("names a test that exists in every row", () => {
    for (const [, id, , tests = ""] of rows) {
      const named = [...tests.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, path = ""]) => path);
      expect(named.length, id).toBeGreaterThan(0);
      const missing = named.filter(
        (path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, "packages/zerosearch/src", path)),
      );
      expect(missing, id).toEqual([]);
    }
  });
});

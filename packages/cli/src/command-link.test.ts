/** npm links a command when packages are installed, before anything is compiled, and only to a file that is there. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CLI = fileURLToPath(new URL("..", import.meta.url));

const { bin, version } = JSON.parse(readFileSync(join(CLI, "package.json"), "utf8")) as {
  readonly bin: { readonly zerosearch: string };
  readonly version: string;
};

test("what npm links as a command is no product of compiling, and executable", () => {
  expect(bin.zerosearch).not.toMatch(/dist|build/);
  expect(statSync(join(CLI, bin.zerosearch)).mode & 0o111).toBe(0o111);
});

test("it runs what was compiled, and says which version that is", () => {
  const printed = execFileSync(join(CLI, bin.zerosearch), ["--version"], { encoding: "utf8" });
  expect(printed).toBe(`${version}\n`);
});

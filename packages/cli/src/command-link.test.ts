/** npm links a command when packages are installed, before anything is compiled, and only to a file that is there. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CLI = fileURLToPath(new URL("..", import.meta.url));

test("what npm links as a command is no product of compiling, and executable", () => {
  const { bin } = JSON.parse(readFileSync(join(CLI, "package.json"), "utf8")) as { bin: { zerosearch: string } };
  expect(bin.zerosearch).not.toMatch(/dist|build/);
  expect(statSync(join(CLI, bin.zerosearch)).mode & 0o111).toBe(0o111);
});

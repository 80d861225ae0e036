/** Nothing is read behind a matrix: one is mapped at the end of its pages, with nothing mapped behind it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { causalAttention, mapFile, ones, type Tensor, tidy } from "./index.ts";

const PAGE = 4096;
const folder = mkdtempSync(join(tmpdir(), "product-bounds-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Zeros that fill whole pages, the ones behind them unmapped again. */
function atTheEndOfMemory(shape: readonly number[]): Tensor {
  const bytes = 4 * shape.reduce((product, size) => product * size, 1);
  if (bytes % PAGE !== 0) throw new Error(`${bytes} bytes are not whole pages`);
  const file = join(folder, shape.join("x"));
  writeFileSync(file, new Uint8Array(bytes));
  const above = [1, 2, 3, 4].map(() => mapFile(file)); // the next mapping lies below these
  const bytesBelow = mapFile(file);
  for (const mapped of above) mapped.dispose();
  return bytesBelow.viewDtype("float32").view([...shape]);
}

test.each([34, 40, 47, 8, 17, 70])("of a product with %i columns", (columns) => {
  tidy(() => {
    const weight = atTheEndOfMemory([1024, columns]);
    expect(ones([3, 1024]).mm(weight).abs().amax().item()).toBe(0);
  });
});

test.each([34, 40, 47])("of attention's values with heads of %i", (size) => {
  tidy(() => {
    const value = atTheEndOfMemory([1024, 1, size]);
    const query = ones([1024, 1, size]);
    expect(causalAttention(query, query, value, [1024]).abs().amax().item()).toBe(0);
  });
});

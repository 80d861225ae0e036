/** A file written by Python's safetensors: scripts/make-golden-tokenizers.py. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { openSafetensors } from "./safetensors-file.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../../../test/golden/safetensors/${name}`, import.meta.url));

interface Facts {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

test("every dtype that Python wrote is read, also empty tensors and such without dimensions", () => {
  const expected: Record<string, Facts> = JSON.parse(readFileSync(golden("all-dtypes.json"), "utf8"));
  using file = openSafetensors(golden("all-dtypes.safetensors"));
  expect(file.metadata).toMatchObject({ format: "pt" });
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  tidy(() => {
    for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
      const tensor = file.read(name);
      expect([name, tensor.dtype, tensor.shape, tensor.toNumbers()]).toEqual([name, dtype, shape, values]);
    }
  });
});

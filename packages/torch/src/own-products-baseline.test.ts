/** As on a processor that has no more than what all of its kind have. */
import { expect, test, vi } from "vitest";
import { libtorch } from "./index.ts";
import { describeAttention } from "./testing/attention-suite.ts";
import { describeProducts } from "./testing/product-suite.ts";

vi.hoisted(() => {
  // biome-ignore lint/style/noProcessEnv: libtorch and the addon read it when they are loaded
  process.env.ATEN_CPU_CAPABILITY = "default";
});

test("the instruction set is the one asked for", () => {
  expect(libtorch().productInstructions).toBe("baseline");
});

describeProducts();
describeAttention();

import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript sources, so tests need no build.
const conditions = ["@zerosearch/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: "forks", // a native addon cannot be loaded twice by worker threads of one process
    include: ["packages/*/{src,toolchain}/**/*.test.ts", "scripts/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    passWithNoTests: false,
    // OpenBLAS picks its kernels by processor. On some (AMD Zen) no grid of exact numerics is known yet, so the tests run
    // on the oldest kernels, which every x86-64 processor has: see docs/log.md.
    env: { OPENBLAS_CORETYPE: "Prescott" },
    testTimeout: 120_000, // a slow machine is no failure: only a test that hangs is
  },
});

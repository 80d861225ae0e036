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
    env: { NO_COLOR: "1" }, // what is printed is compared as text, also where CI asks for colours
    maxWorkers: "100%", // otherwise one core is left idle, of two the half
    testTimeout: 120_000, // a slow machine is no failure: only a test that hangs is
  },
});

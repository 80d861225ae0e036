/**
 * B9: how long the command line takes to start, and how fast a model is loaded from safetensors, every page touched,
 * against a plain read of the file. The ratio is the loading's, in bytes per second.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadDecoder } from "@zerosearch/lm";
import { tidy } from "@zerosearch/torch";
import { conclude, environment, interleave, ratios, showSpread, spread } from "./support/interleave.ts";
import { benchmarkModel } from "./support/models.ts";

const TURNS = 9;
const START_BAR_MS = 200;
const LOAD_BAR = 0.8;

const main = fileURLToPath(new URL("../../../packages/cli/bin/zerosearch.js", import.meta.url));
const starts = Array.from({ length: TURNS }, () => {
  const startedAt = performance.now();
  execFileSync(process.execPath, [main, "--help"], { stdio: "ignore" });
  return performance.now() - startedAt;
});
const start = spread(starts);
console.log(
  `load: zerosearch --help ${start.median.toFixed(0)} ms (${start.min.toFixed(0)}–${start.max.toFixed(0)}), bar ≤ ${START_BAR_MS}`,
);

const { decoder, folder } = benchmarkModel("small");
decoder.dispose();
const file = join(folder, "model.safetensors");
const timed = (body: () => void): number => {
  const startedAt = performance.now();
  body();
  return performance.now() - startedAt;
};
const pairs = await interleave(
  () => timed(() => readFileSync(file)),
  () =>
    timed(() => {
      using loaded = loadDecoder(folder);
      tidy(() => {
        // One element of every page of 4 KiB: after this the whole file is in memory, as after a read.
        for (const parameter of loaded.parameters.values()) parameter.view([-1]).slice(0, 0, null, 1024).sum();
      });
    }),
  TURNS,
);
const ratio = spread(ratios(pairs));
console.log(
  `load: ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB of safetensors, ${showSpread(ratio)} × a plain read`,
);
rmSync(folder, { recursive: true });
process.exitCode = conclude({
  name: "load",
  ratio: ratio.median,
  better: "higher",
  bar: LOAD_BAR,
  pass: ratio.median >= LOAD_BAR && start.median <= START_BAR_MS,
  pairs,
  environment: { ...environment(), startMs: start },
});

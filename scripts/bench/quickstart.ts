/**
 * B8: `zerosearch quick-start` from nothing to its report, in a folder of its own: minutes, which are the ratio, and what
 * the policy gained on the real search engine, as the run's own evaluations say. A run that is fast and learns nothing
 * does not pass.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setThreads } from "@zerosearch/torch";
import { type EvaluationLine, readEvaluations } from "@zerosearch/zerosearch";
import { gainOf } from "./support/gain.ts";
import { conclude, environment } from "./support/interleave.ts";

const BAR_MINUTES = 10;
const TEMPERATURES = [0, 1];
const NAME = "bench";

setThreads(1); // as the quick start does, so that what is printed of this process is true of its own
const main = fileURLToPath(new URL("../../../packages/cli/bin/zerosearch.js", import.meta.url));
const runs = mkdtempSync(join(tmpdir(), "zerosearch-bench-quickstart-"));
const startedAt = performance.now();
execFileSync(process.execPath, [main, "quick-start", "--runs", runs, "--name", NAME], {
  stdio: ["ignore", process.stderr, process.stderr],
});
const minutes = (performance.now() - startedAt) / 60_000;
const evaluations: EvaluationLine[] = [];
for await (const line of readEvaluations(join(runs, NAME, "evaluations.jsonl"))) evaluations.push(line);
rmSync(runs, { recursive: true });

const gains = TEMPERATURES.map((temperature) => ({
  temperature,
  ...gainOf(evaluations, { name: "real", temperature }),
}));
const [{ questions } = { questions: 0 }] = evaluations.filter(({ name }) => name === "real");
console.log(`quickstart: zerosearch quick-start with its defaults, ${minutes.toFixed(1)} minutes`);
for (const { temperature, before, after } of gains) {
  console.log(
    `real engine, ${questions} questions, temperature ${temperature}: exact match ${before.toFixed(3)} → ` +
      `${after.toFixed(3)}, gain ${(after - before).toFixed(3)}`,
  );
}
process.exitCode = conclude({
  name: "quickstart",
  ratio: minutes,
  better: "lower",
  bar: BAR_MINUTES,
  pass: minutes <= BAR_MINUTES && gains.every(({ before, after }) => after > before),
  pairs: gains.map(({ before, after }) => [after, before]),
  environment: { ...environment(), gains },
});

/** What a run has left behind, without what no two runs share: for comparing one that was interrupted with one that was not. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { filesIn } from "../../run/checkpoint-manifest.ts";
import { checkpointFolder, stepsIn } from "../../run/checkpoint-store.ts";
import { RUN_FILES } from "../../run/run-files.ts";

const LOGS = ["metrics", "trajectories", "skippedUpdates", "evaluations", "evaluationTrajectories"] as const;

/** What a clock or the machine says. */
const TIMED = /^(timing_s|perf)\/|latency_?ms$|^(time|seconds|totalMs|searchMs|generationMs)$/iu;

/** Fails unless every line of every log and every byte of the last checkpoint are the same. */
export function expectSameRun(path: string, whole: string): void {
  for (const log of LOGS) expect(untimed(join(path, RUN_FILES[log]))).toEqual(untimed(join(whole, RUN_FILES[log])));
  expect(lastCheckpoint(path)).toEqual(lastCheckpoint(whole));
}

function untimed(path: string): unknown[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line, (key, value: unknown) => (TIMED.test(key) ? undefined : value)));
}

/** Hashes of the checkpoint's files, but for how long logs were. */
function lastCheckpoint(path: string): Record<string, string> {
  const root = join(path, RUN_FILES.checkpoints);
  const saved = checkpointFolder(root, stepsIn(root).at(-1) ?? 0);
  const files = filesIn(saved).filter((name) => !/^(manifest|logs)\.json$/u.test(name));
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(saved, name)))
        .digest("hex"),
    ]),
  );
}

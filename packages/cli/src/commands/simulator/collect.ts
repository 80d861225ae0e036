import { availableParallelism } from "node:os";
import { setThreads } from "@zerosearch/torch";
import { type CollectSummary, collectConfigSchema, collectSearches, parseConfig } from "@zerosearch/zerosearch";
import { readConfigFile } from "../../config-file.ts";
import { GATES } from "../../gates.ts";
import { untilInterrupted } from "../../interrupt.ts";
import { ProgressLine } from "../../progress-line.ts";

/** The options as the command line gives them. */
export interface CollectFlags {
  readonly config?: string;
  /** All cores by default. */
  readonly threads?: number;
  readonly json?: boolean;
}

/** `zerosearch simulator collect`: Ctrl-C keeps the rollouts that have ended; the same command goes on. */
export async function runSimulatorCollect(flags: CollectFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, threads = availableParallelism(), json = false } = flags;
  const config = parseConfig(collectConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  setThreads(threads);
  const line = new ProgressLine(process.stderr);
  const summary = await untilInterrupted(async (signal) => {
    const collected = await collectSearches(config, {
      gates: GATES,
      signal,
      onProgress: ({ done, total, searches }) => line.show(done, total, [`${searches} searches`]),
    }).finally(() => line.end());
    if (signal.aborted) process.exitCode = 1;
    return collected;
  });
  console.log(json ? JSON.stringify(summary) : summaryText(config.out, summary));
}

function summaryText(out: string, summary: CollectSummary): string {
  const { rollouts, before, answered, searches, duplicates, empty, left } = summary;
  const kept = before > 0 ? ` (${before} from before)` : "";
  const lines = [
    `${out}: ${searches} searches of ${rollouts} rollouts${kept}, of which ${answered} gave an answer`,
    `${duplicates} searches repeat a question's query, ${empty} found nothing`,
  ];
  return [
    ...lines,
    ...(left > 0 ? [`${left} rollouts failed or were given up: the same command plays them`] : []),
  ].join("\n");
}

import { availableParallelism } from "node:os";
import { setThreads } from "@zerosearch/torch";
import { type LabelSummary, labelConfigSchema, labelSearches, parseConfig } from "@zerosearch/zerosearch";
import { readConfigFile } from "../../config-file.ts";
import { untilInterrupted } from "../../interrupt.ts";

/** The options as the command line gives them. */
export interface LabelFlags {
  readonly config?: string;
  /** All cores by default. */
  readonly threads?: number;
  readonly json?: boolean;
}

/** `zerosearch simulator label`: Ctrl-C keeps what has been judged; the same command goes on. */
export async function runSimulatorLabel(flags: LabelFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, threads = availableParallelism(), json = false } = flags;
  const config = parseConfig(labelConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  setThreads(threads);
  const summary = await untilInterrupted(async (signal) => {
    const labelled = await labelSearches(config, { signal, onProgress: showProgress });
    if (signal.aborted) process.exitCode = 1;
    return labelled;
  });
  if (process.stderr.isTTY) process.stderr.write("\n");
  console.log(json ? JSON.stringify(summary) : summaryText(config.out, summary));
}

/** How many there are is not known before the last. */
function showProgress({ searches, useful, noisy }: Pick<LabelSummary, "searches" | "useful" | "noisy">): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${searches} pages: ${useful} useful, ${noisy} noisy`);
}

function summaryText(out: string, { searches, useful, noisy, failures, before, judged }: LabelSummary): string {
  const kept = before > 0 ? ` (${before} from before)` : "";
  const failed = Object.entries(failures).map(([kind, count]) => `${count} without a label: ${kind}`);
  return [`${out}: ${searches} pages${kept}, ${useful} useful, ${noisy} noisy; ${judged} were judged`, ...failed].join(
    "\n",
  );
}

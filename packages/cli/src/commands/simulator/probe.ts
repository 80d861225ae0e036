import { type ProbeSummary, parseConfig, probeConfigSchema, probeEngine } from "@zerosearch/zerosearch";
import { readConfigFile } from "../../config-file.ts";
import { untilInterrupted } from "../../interrupt.ts";
import { ProgressLine } from "../../progress-line.ts";

/** The options as the command line gives them. */
export interface ProbeFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** `zerosearch simulator probe` */
export async function runSimulatorProbe(flags: ProbeFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, json = false } = flags;
  const config = parseConfig(probeConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  const line = new ProgressLine(process.stderr);
  const summary = await untilInterrupted((signal) =>
    probeEngine(config, { signal, onProgress: (done, total) => line.show(done, total, []) }).finally(() => line.end()),
  );
  console.log(json ? JSON.stringify(summary) : summaryText(config.out, summary));
}

function summaryText(out: string, summary: ProbeSummary): string {
  const kinds = Object.entries(summary).map(([kind, count]) => `${count} of kind "${kind}"`);
  return `${out}: ${kinds.join(", ")}`;
}

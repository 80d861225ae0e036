import { type BuildSummary, buildConfigSchema, buildRecords, parseConfig } from "@zerosearch/zerosearch";
import { readConfigFile } from "../../config-file.ts";
import { GATES } from "../../gates.ts";

/** The options as the command line gives them. */
export interface BuildFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** `zerosearch simulator build` */
export async function runSimulatorBuild(flags: BuildFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, json = false } = flags;
  const config = parseConfig(buildConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  const summary = await buildRecords(config, { gates: GATES });
  console.log(json ? JSON.stringify(summary) : summaryText(config.out, summary));
}

function summaryText(
  out: string,
  { records, useful, noisy, withheld, added, searches, leftOut }: BuildSummary,
): string {
  const reasons: Record<keyof BuildSummary["leftOut"], string> = {
    unlabelled: "have no label",
    empty: "found nothing",
    leaking: "hold an answer under a prompt that must not bring it",
    repeated: "repeat a record",
    balanced: "are more of their label than of the other",
  };
  const left = Object.entries(leftOut).filter(([, count]) => count > 0) as [keyof typeof reasons, number][];
  return [
    `${out}: ${records} records of ${searches} searches, ${useful} useful, ${noisy} noisy (from ${withheld} the truth is withheld; ` +
      `${added} were added beside pages that tell the answer)`,
    ...left.map(([reason, count]) => `left out: ${count} ${reasons[reason]}`),
  ].join("\n");
}

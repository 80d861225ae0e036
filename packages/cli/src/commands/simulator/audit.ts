import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setThreads } from "@zerosearch/torch";
import {
  type AuditReport,
  auditConfigSchema,
  auditMarkdown,
  auditSimulator,
  auditTables,
  parseConfig,
} from "@zerosearch/zerosearch";
import pc from "picocolors";
import { readConfigFile } from "../../config-file.ts";
import { GATES } from "../../gates.ts";
import { untilInterrupted } from "../../interrupt.ts";
import { ProgressLine } from "../../progress-line.ts";
import { textTable } from "../../text-table.ts";

/** The options as the command line gives them. */
export interface AuditFlags {
  readonly config?: string;
  /** All cores by default. */
  readonly threads?: number;
  readonly json?: boolean;
}

/** `zerosearch simulator audit`: exits 1 where the simulator falls short of a threshold. */
export async function runSimulatorAudit(flags: AuditFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, threads = availableParallelism(), json = false } = flags;
  const config = parseConfig(auditConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  setThreads(threads);
  const line = new ProgressLine(process.stderr);
  const report = await untilInterrupted((signal) =>
    auditSimulator(config, {
      gates: GATES,
      signal,
      onProgress: (done, total) => line.show(done, total, ["queries"]),
    }).finally(() => line.end()),
  );
  if (config.out !== undefined) writeFileSync(config.out, auditMarkdown(report));
  console.log(json ? JSON.stringify(report) : reportText(report));
  if (report.shortfalls.length > 0) process.exitCode = 1;
}

function reportText(report: AuditReport): string {
  const tables = auditTables(report).map(({ title, head, rows }) => `${pc.bold(title)}\n${textTable([head, ...rows])}`);
  const { shortfalls } = report;
  const verdict =
    shortfalls.length === 0
      ? pc.green("It keeps every threshold.")
      : [pc.red("Do not train on it:"), ...shortfalls.map((sentence) => `- ${sentence}`)].join("\n");
  return [...tables, verdict].join("\n\n");
}

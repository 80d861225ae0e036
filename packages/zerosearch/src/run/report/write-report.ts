/** A run's report as a file, and what a terminal shows of it. */
import { join } from "node:path";
import { writeDurableFile } from "../durable-file.ts";
import { RUN_FILES } from "../run-files.ts";
import { reportMarkdown } from "./markdown.ts";
import { reportPage } from "./page.ts";
import { readRun } from "./read-run.ts";

export interface WrittenReport {
  /** Of the page. */
  readonly path: string;
  /** Markdown: what was trained, before and after, warnings. */
  readonly summary: string;
}

/**
 * Writes the report of a run that is over or still going. The same run gives the same page.
 *
 * @param path  of the page; `report.html` in the run's folder by default
 * @throws {RunError} there is no run, a file of it is missing or damaged, or the page can't be written
 */
export async function writeReport(
  runFolder: string,
  path: string = join(runFolder, RUN_FILES.report),
): Promise<WrittenReport> {
  const run = await readRun(runFolder);
  writeDurableFile(path, reportPage(run));
  return { path, summary: reportMarkdown(run) };
}

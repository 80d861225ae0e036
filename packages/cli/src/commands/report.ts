import { writeReport } from "@zerosearch/zerosearch";

/** The options as the command line gives them. */
export interface ReportFlags {
  /** Where the page goes; into the run's folder by default. */
  readonly out?: string;
}

/** `zerosearch report`: the summary, and where the page is. */
export async function runReport(run: string, { out }: ReportFlags): Promise<void> {
  const { path, summary } = await writeReport(run, out);
  console.log(`${summary}\nReport: ${path}`);
}

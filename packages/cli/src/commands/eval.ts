import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import { type EvaluationResult, evaluate, evaluationConfigSchema, parseConfig } from "@zerosearch/zerosearch";
import pc from "picocolors";
import { readConfigFile } from "../config-file.ts";
import { evaluationDetails } from "../evaluation-progress.ts";
import { GATES } from "../gates.ts";
import { untilInterrupted } from "../interrupt.ts";
import { ProgressLine } from "../progress-line.ts";
import { textTable } from "../text-table.ts";

/** The options as the command line gives them. */
export interface EvalFlags {
  readonly config?: string;
  /** Where the result goes. */
  readonly out: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  /** All cores by default. */
  readonly threads?: number;
}

/** `zerosearch eval`: Ctrl-C keeps what is done. Progress on stderr, the result on stdout and in its folder. */
export async function runEval(flags: EvalFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, out, resume = false, json = false, threads = availableParallelism() } = flags;
  const config = parseConfig(evaluationConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  setThreads(threads);
  const line = new ProgressLine(process.stderr);
  const result = await untilInterrupted((signal) =>
    evaluate(config, {
      folder: out,
      resume,
      gates: GATES,
      onProgress: (progress) => line.show(progress.done, progress.total, evaluationDetails(progress)),
      signal,
    }).finally(() => line.end()),
  );
  console.log(json ? JSON.stringify(result) : resultText(result));
  if (!json) console.error(pc.dim(`more in ${join(out, "result.html")}`));
}

function resultText({ bySource, questions, failed, measures, searchCost }: EvaluationResult): string {
  const sources = Object.entries(bySource);
  const all = { questions, failed, measures };
  const rows = sources.length > 1 ? [...sources, ["all questions", all] as const] : sources;
  const percent = (value: number): string => (100 * value).toFixed(1);
  const table = textTable([
    ["%", "n", "exact match", "cover match", "F1", "answered", "searches", "failed"],
    ...rows.map(([title, scores]) => {
      const { exactMatch, coverExactMatch, f1, answered, searches } = scores.measures;
      const interval = `${percent(exactMatch.value)} (${percent(exactMatch.low)}–${percent(exactMatch.high)})`;
      const rest = [coverExactMatch, f1, answered].map(({ value }) => percent(value));
      return [title, `${scores.questions}`, interval, ...rest, searches.value.toFixed(2), `${scores.failed}`];
    }),
  ]);
  const cost = searchCost.dollarsPer1000 === 0 ? "" : `, about $${searchCost.dollars.toFixed(2)}`;
  return `${table}\n${searchCost.searches} searches${cost}`;
}

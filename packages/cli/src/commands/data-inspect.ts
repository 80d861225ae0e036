import { loadTokenizer } from "@zerosearch/lm";
import { type Distribution, inspectData, type QuestionFileFacts, type RecordFileFacts } from "@zerosearch/zerosearch";
import pc from "picocolors";
import { textTable } from "../text-table.ts";

/** The options as the command line gives them. */
export interface DataInspectFlags {
  /** Of the first rows. */
  readonly rows: number;
  /** A model folder: lengths in its tokens. */
  readonly tokenizer?: string;
  readonly json?: boolean;
}

/** `zerosearch data inspect`: what is in a file; exit code 1 where a row is invalid. */
export async function runDataInspect(path: string, { rows, tokenizer: folder, json }: DataInspectFlags): Promise<void> {
  const tokenizer = folder === undefined ? undefined : loadTokenizer(folder);
  const facts = await inspectData(path, {
    shown: rows,
    ...(tokenizer && { lengthOf: (text) => tokenizer.encode(text, { allowSpecial: false }).length }),
  });
  if (json) console.log(JSON.stringify(facts, null, 2));
  else console.log(describe(facts, tokenizer ? "tokens" : "characters"));
  if (facts.problems.length > 0) process.exitCode = 1;
}

function describe(facts: QuestionFileFacts | RecordFileFacts, unit: string): string {
  const { path, columns, rows, lengths, first, problems } = facts;
  const answers: [string, Distribution | undefined][] =
    facts.kind === "questions" ? [["answers per question", facts.answers]] : [];
  const lengthRows = Object.entries(lengths).map(([name, lengthOf]) => [`${name}, ${unit}`, lengthOf] as const);
  const spread = [...answers, ...lengthRows].flatMap(([name, values]) => (values ? [spreadRow(name, values)] : []));
  const sections = [
    `${pc.bold(path)}: ${rows} rows, ${contentOf(facts)}`,
    `${pc.dim("columns")} ${columns.join(", ")}`,
    ...(spread.length > 0 ? [textTable([["", "least", "median", "mean", "95 %", "greatest"], ...spread])] : []),
    ...first.map((row) => JSON.stringify(row)),
    ...problems.map(({ place, problem }) => `${pc.yellow("invalid")} ${place}: ${problem}`),
  ];
  return sections.join("\n");
}

function contentOf(facts: QuestionFileFacts | RecordFileFacts): string {
  const shares = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  return facts.kind === "questions"
    ? `${facts.questions} questions (${shares(facts.sources)})`
    : `${facts.records} records to learn in the schema ${facts.schema} (labels: ${shares(facts.labels)})`;
}

function spreadRow(name: string, { least, median, mean, p95, greatest }: Distribution): string[] {
  return [name, `${least}`, `${median}`, mean.toFixed(1), `${p95}`, `${greatest}`];
}

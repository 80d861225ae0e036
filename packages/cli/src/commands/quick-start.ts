import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeParts, prepareWorld, type QuickStartChoices, trainingConfig } from "@zerosearch/miniature";
import { setThreads } from "@zerosearch/torch";
import { writeReport } from "@zerosearch/zerosearch";
import pc from "picocolors";
import { trainVisibly } from "./train.ts";

/** The options as the command line gives them. */
export interface QuickStartFlags extends QuickStartChoices {
  readonly runs: string;
  /** By default made of the choices. */
  readonly name?: string;
}

/** `zerosearch quick-start`: the whole method on a small world, from nothing to a report; goes on where it was stopped. */
export async function runQuickStart(flags: QuickStartFlags): Promise<void> {
  const { runs, name = defaultName(flags), algorithm, steps, search } = flags;
  const path = join(runs, name);
  setThreads(1);
  const { train, development, test } = makeParts();
  const passages = [train, development, test].reduce((sum, part) => sum + part.passages.length, 0);
  stage(
    "A small world",
    `${train.questions.length} questions about people, cities, companies and books that do not exist, ${passages} passages ` +
      "that answer them, and a BM25 index of these: the real search engine. The test is about names nobody trained on.",
  );
  const world = await prepareWorld(join(runs, "miniature-world"));
  const config = trainingConfig(world, { seed: flags.seed, steps, algorithm, search });
  const isThere = existsSync(path);
  stage(
    isThere ? `Training goes on in ${path}` : "Training a search agent",
    isThere
      ? "A run that is finished stays as it is: for another, choose --seed, or a --name."
      : `A policy of 170,000 parameters thinks, searches and answers; ${algorithm.toUpperCase()} rewards the F1 of its ` +
          `answers in ${steps} steps of ${config.questionsPerStep} questions × ${config.groupSize} attempts. ` +
          (search === "real"
            ? "It searches the real engine. "
            : "It never searches the real engine: a second model, which is told the answer, writes the pages, useful ones " +
              "and, more and more, noisy ones. ") +
          "First it is tested as it is. Ctrl-C saves; the same command goes on.",
  );
  if ((await trainVisibly(config, { path, resume: isThere })) === "stopped") return;
  const report = await writeReport(path);
  stage("What came of it", `curves and trajectories: ${report.path}`);
  console.log(report.summary);
}

/** Runs of other choices lie beside each other. */
function defaultName({ algorithm, seed, steps, search }: QuickStartChoices): string {
  return `quick-start-${algorithm}-${search}-${steps}-steps-seed-${seed}`;
}

function stage(title: string, text: string): void {
  console.error(`\n${pc.bold(title)}${text === "" ? "" : `\n${pc.dim(text)}`}`);
}

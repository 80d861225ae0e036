import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import { RUN_FILES, readRunFacts, replay } from "@zerosearch/zerosearch";
import pc from "picocolors";
import { GATES } from "../gates.ts";

/** The options as the command line gives them. */
export interface ReplayFlags {
  readonly step: number;
  readonly question: string;
  readonly sample: number;
}

/** `zerosearch replay`: the text on stdout; exit code 1 where it differs from what the run recorded. */
export async function runReplay(run: string, { step, question, sample }: ReplayFlags): Promise<void> {
  const { threads } = readRunFacts(join(run, RUN_FILES.facts)).versions.libtorch;
  setThreads(threads);
  const onStep = (done: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${pc.dim(`training again: step ${done} of ${step - 1}`)}`);
  };
  const { trajectory, recorded, isSame } = await replay(
    run,
    { step, questionId: question, sample },
    { gates: GATES, onStep },
  );
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  console.log(trajectory.segments.map(({ text }) => text).join(""));
  if (!recorded) {
    console.error(pc.yellow("the run recorded no such rollout to compare with"));
    return;
  }
  console.error(isSame ? pc.green("the same as recorded, token for token") : pc.red("differs from what was recorded"));
  if (!isSame) process.exitCode = 1;
}

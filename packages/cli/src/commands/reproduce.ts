import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXPERIMENTS, type Experiment, readResults, resultsTable, runExperiment } from "@zerosearch/miniature";
import { setThreads } from "@zerosearch/torch";
import { ConfigError, GracefulStop } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface ReproduceFlags {
  /** Where the experiments' runs are kept. */
  readonly folder: string;
  readonly seeds: number;
  readonly steps: number;
  /** Runs at the same time, each a process. */
  readonly parallel: number;
  /** Names of experiments; all by default. */
  readonly only?: readonly string[];
  /** Set in the processes that this command starts: one experiment and seed, such as `ppo:1`. */
  readonly job?: string;
}

/** `zerosearch reproduce`: runs what is not finished yet, then prints the table; Ctrl-C saves, the same command goes on. */
export async function runReproduce(flags: ReproduceFlags): Promise<void> {
  if (flags.job !== undefined) {
    await runJob(flags.job, flags);
    return;
  }
  const { folder, seeds: count, steps, only, parallel } = flags;
  const chosen = only === undefined ? EXPERIMENTS : only.map(experimentNamed);
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  const jobs = seeds.flatMap((seed) => chosen.map(({ name }) => `${name}:${seed}`));
  mkdirSync(folder, { recursive: true });
  const startedAt = performance.now();
  let done = 0;
  let isStopped = false;
  const stop = (): void => {
    isStopped = true; // the children get the signal themselves, and save
  };
  process.once("SIGINT", stop);
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined && !isStopped; job = jobs.shift()) {
      const code = await runChild(job, flags);
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
      done++;
      console.error(
        `${code === 0 ? pc.green("✓") : pc.red("✗")} ${job} ${pc.dim(`${done} done, ${jobs.length} left, ${minutes} min`)}`,
      );
      if (code !== 0) process.exitCode = 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  process.off("SIGINT", stop);
  const table = resultsTable(await readResults(folder, steps, seeds));
  const path = join(folder, "results.md");
  writeFileSync(path, `${table}\n`);
  console.log(table);
  console.error(pc.dim(`\nthe table: ${path}`));
}

async function runChild(job: string, { folder, steps }: ReproduceFlags): Promise<number> {
  const [, script = ""] = process.argv;
  const args = [script, "reproduce", "--job", job, "--folder", folder, "--steps", String(steps)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

async function runJob(job: string, { folder, steps }: ReproduceFlags): Promise<void> {
  setThreads(1);
  const [name = "", seed = ""] = job.split(":");
  using stop = new GracefulStop({ stopNow: () => process.exit(130) });
  const result = await runExperiment(
    experimentNamed(name),
    { folder, steps, seed: Number(seed) },
    { stop, onNote: (note) => console.error(`${job}: ${note}`) },
  );
  if (result.outcome === "stopped") process.exitCode = 130;
}

function experimentNamed(name: string): Experiment {
  const found = EXPERIMENTS.find((experiment) => experiment.name === name);
  if (found) return found;
  const names = EXPERIMENTS.map((experiment) => experiment.name).join(", ");
  throw new ConfigError(`there is no experiment "${name}"; expected one of ${names}`);
}

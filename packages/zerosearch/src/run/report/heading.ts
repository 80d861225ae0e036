/**
 * What was trained, as far as the configuration says it. Read leniently: a report of a run made by an older version, or
 * by another command, shows what it finds.
 */
import { z } from "zod";
import { METRIC } from "./metric-names.ts";
import type { RunRecord } from "./read-run.ts";

const lenientText = z.string().optional().catch(undefined);

const engineSchema = z
  .object({
    engine: lenientText,
    index: lenientText,
    url: lenientText,
    model: z
      .object({ path: lenientText, model: lenientText, urls: z.array(z.string()).optional().catch(undefined) })
      .optional()
      .catch(undefined),
  })
  .catch({});

const configSchema = z
  .object({
    algorithm: lenientText,
    steps: z.number().optional().catch(undefined),
    questionsPerStep: z.number().optional().catch(undefined),
    groupSize: z.number().optional().catch(undefined),
    reward: lenientText,
    model: z.object({ path: lenientText }).optional().catch(undefined),
    search: engineSchema.optional(),
  })
  .catch({});

export interface Heading {
  /** In capitals, such as `GRPO`. */
  readonly algorithm: string | undefined;
  readonly stepsDone: number;
  readonly stepsPlanned: number | undefined;
  /** The end of the path of the policy's model folder. */
  readonly model: string | undefined;
  /** What rollouts searched, such as `simulator (models/simulator)`. */
  readonly engine: string | undefined;
  /** Such as `24 questions × 8 rollouts`. */
  readonly batch: string | undefined;
  readonly reward: string | undefined;
  readonly seed: number;
  /** Seconds that all steps took together; undefined before the first. */
  readonly seconds: number | undefined;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Such as `zerosearch 0.1.0`. */
  readonly versions: readonly string[];
  readonly machine: string;
}

export function headingOf({ config, facts, metrics }: RunRecord): Heading {
  const { algorithm, steps, questionsPerStep, groupSize, reward, model, search } = configSchema.parse(config);
  const { versions } = facts;
  const { zerosearch, node, libtorch } = versions;
  return {
    algorithm: algorithm?.toUpperCase(),
    stepsDone: metrics.at(-1)?.step ?? 0,
    stepsPlanned: steps,
    model: model?.path && shortPath(model.path),
    engine: search && engineText(search),
    batch:
      questionsPerStep === undefined || groupSize === undefined
        ? undefined
        : `${questionsPerStep} questions × ${groupSize} rollouts`,
    reward,
    seed: facts.seed,
    seconds: secondsOf(metrics),
    createdAt: facts.createdAt,
    versions: [`zerosearch ${zerosearch}`, `Node ${node}`, `libtorch ${libtorch.version}`],
    machine: `${versions.processor}, ${versions.cores} cores, ${deviceText(libtorch.cudaDevices)}`,
  };
}

function engineText({ engine, index, url, model }: z.infer<typeof engineSchema>): string | undefined {
  const what = model?.path ?? (model?.model || model?.urls?.[0]) ?? index ?? url;
  return engine === undefined || what === undefined ? engine : `${engine} (${shortPath(what)})`;
}

/** The last two names of a path: the whole one stands in the configuration. */
function shortPath(path: string): string {
  return path.split("/").filter(Boolean).slice(-2).join("/");
}

function deviceText(cudaDevices: number): string {
  return cudaDevices === 0 ? "no GPU" : `${cudaDevices} GPU${cudaDevices === 1 ? "" : "s"}`;
}

function secondsOf(metrics: RunRecord["metrics"]): number | undefined {
  const seconds = metrics.flatMap((line) => line.metrics[METRIC.stepSeconds] ?? []);
  return seconds.length === 0 ? undefined : seconds.reduce((sum, one) => sum + one, 0);
}

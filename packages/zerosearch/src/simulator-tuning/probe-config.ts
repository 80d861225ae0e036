/** What `zerosearch simulator probe` is told. */
import { z } from "zod";
import { linesPathSchema, pathListSchema } from "../core/path-list.ts";
import { type SearchEngineConfig, searchEngineConfigSchema } from "../search/search-engine-config.ts";

export interface ProbeConfig {
  /** Files that `collect` wrote: queries are made of these. */
  readonly searches: readonly string[];
  /** What is searched: the engine that the simulator is to stand in for. */
  readonly search: SearchEngineConfig;
  /** The file of searches. One that exists is replaced. */
  readonly out: string;
  readonly queriesPerKind: number;
  /** Documents of a page. */
  readonly topK: number;
  /** Which queries are drawn, where there are more than are wanted. */
  readonly seed: number;
  /** Searches at the same time. */
  readonly maxConcurrent: number;
}

const count = z.int().min(1);

export const probeConfigSchema: z.ZodType<ProbeConfig> = z.strictObject({
  searches: pathListSchema,
  search: searchEngineConfigSchema,
  out: linesPathSchema,
  queriesPerKind: count.default(1000),
  topK: count.default(5),
  seed: z.int().min(0).default(1),
  maxConcurrent: count.default(16),
});

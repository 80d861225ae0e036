/** What `zerosearch simulator audit` is told. */
import { z } from "zod";
import { pathListSchema } from "../core/path-list.ts";
import { type SimulatorConfig, simulatorConfigSchema } from "../models/rollout-engine-config.ts";
import { type SearchEngineConfig, searchEngineConfigSchema } from "../search/search-engine-config.ts";
import { type AuditThresholds, auditThresholdsSchema } from "./audit-thresholds.ts";

export interface AuditConfig {
  /** As a training run's `search` says it. */
  readonly simulator: SimulatorConfig;
  /** The engine that it stands in for; without it the real pages are those of collected searches and query sets. */
  readonly real?: SearchEngineConfig | undefined;
  /** Files of queries with their kinds. */
  readonly queries: readonly string[];
  /** Files that `collect` or `label` wrote, of which the general kinds of queries are made. */
  readonly searches: readonly string[];
  /** Files of questions, of which the general kinds are made as well. */
  readonly questions: readonly string[];
  /** Of the general kinds, so many queries at most. */
  readonly queriesPerKind: number;
  /** Documents of a page. */
  readonly topK: number;
  readonly seed: number;
  readonly thresholds: AuditThresholds;
  /** A file for the report, in Markdown. */
  readonly out?: string | undefined;
}

export const auditConfigSchema: z.ZodType<AuditConfig> = z
  .strictObject({
    simulator: simulatorConfigSchema,
    real: searchEngineConfigSchema.optional(),
    queries: pathListSchema.default([]),
    searches: pathListSchema.default([]),
    questions: pathListSchema.default([]),
    queriesPerKind: z.int().min(1).default(150),
    topK: z.int().min(1).default(5),
    seed: z.int().min(0).default(0),
    thresholds: auditThresholdsSchema,
    out: z.string().min(1).optional(),
  })
  .refine(({ queries, searches, questions }) => queries.length + searches.length + questions.length > 0, {
    path: ["searches"],
    message: "name files of collected searches, of queries or of questions: there is nothing to ask",
  });

/** What searches cost, roughly. */
import type { RolloutEngineConfig } from "../models/rollout-engine-config.ts";

/** List prices of the smallest paid plans in 2025, in dollars per 1,000 searches. Other engines are one's own. */
const DOLLARS_PER_1000: Readonly<Partial<Record<RolloutEngineConfig["engine"], number>>> = {
  serpapi: 15,
  serper: 1,
  brave: 5,
  tavily: 8,
};

/** 0 for engines that nobody bills, simulators among them. */
export function dollarsPer1000(engine: RolloutEngineConfig["engine"] | undefined): number {
  return engine === undefined ? 0 : (DOLLARS_PER_1000[engine] ?? 0);
}

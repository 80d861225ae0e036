/** The policy that is trained, as rollouts see it: lm's engine over the very weights that the trainer updates. */
import type { Engine } from "@zerosearch/lm";
import type { Policy } from "../rollout/policy.ts";

export interface EnginePolicy extends Policy {
  /** To be raised with each update of the weights. Texts that were opened before are no longer to be continued. */
  version: number;
}

/** @param engine  borrowed; its decoder holds the weights, so that nothing is copied after an update */
export function enginePolicy(engine: Engine): EnginePolicy {
  return { version: 0, contextLength: engine.decoder.config.maxPositions, open: () => engine.open() };
}

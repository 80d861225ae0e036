/** The policy that is trained, as rollouts see it: lm's engine over the very weights that the trainer updates. */
import type { Engine } from "@zerosearch/lm";
import type { Policy } from "../rollout/policy.ts";

export interface EnginePolicy extends Policy {
  /** To be called after each update of the weights. Texts that were opened before are no longer to be continued. */
  raiseVersion(): void;
}

/** @param engine  borrowed; its decoder holds the weights, so that nothing is copied after an update */
export function enginePolicy(engine: Engine): EnginePolicy {
  let version = 0;
  return {
    get version() {
      return version;
    },
    contextLength: engine.decoder.config.maxPositions,
    open: () => engine.open(),
    raiseVersion: () => {
      version++;
    },
  };
}

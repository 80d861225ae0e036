/** `GET /v1/models` and `GET /v1/models/{id}`: the one model that is served. */
import type { Service } from "./service.ts";

/** A model, as OpenAI's API describes it, and its context length, as vLLM adds it. */
export interface ModelCard {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: string;
  readonly max_model_len: number;
}

/** The served model's card. */
export function describeModel({ model, startedAt }: Service): ModelCard {
  return {
    id: model.id,
    object: "model",
    created: startedAt,
    owned_by: "zerosearch",
    max_model_len: model.engine.decoder.config.maxPositions,
  };
}

/** In which dtype a model folder's weights are held, found out without loading them. */
import { openCheckpoint } from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";

/**
 * The dtype of what `loadDecoder` gives for the same arguments.
 *
 * @param dtype  the one asked for; without it the one in which the file holds the embedding counts
 * @throws {ModelFileError} the folder has no weights, or no embedding among them
 */
export function weightsDtype(path: string, dtype?: Dtype): Dtype {
  using checkpoint = openCheckpoint(path);
  return dtype ?? checkpoint.info("model.embed_tokens.weight").dtype;
}

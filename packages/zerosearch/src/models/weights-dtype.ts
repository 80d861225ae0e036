/** In which dtype a model folder's weights are held, found out without loading them. */
import { openCheckpoint } from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";

/**
 * @param dtype  the one asked for; without it the files' own counts
 * @throws {ModelFileError} the folder has no weights
 */
export function weightsDtype(path: string, dtype?: Dtype): Dtype {
  using checkpoint = openCheckpoint(path);
  const [name] = checkpoint.names;
  return dtype ?? (name === undefined ? "float32" : checkpoint.info(name).dtype);
}

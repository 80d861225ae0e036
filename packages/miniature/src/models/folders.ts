/** Where the models that come with the package are: ordinary model folders with an ordinary tokenizer.json. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const MODEL_NAMES = ["base", "policy", "simulator"] as const;

/** `base` has read facts, `policy` is the cold start made of it, `simulator` writes pages of documents. */
export type ModelName = (typeof MODEL_NAMES)[number];

/** The folder of all of them; `src` and `dist` lie equally deep beneath the package. */
export const MODELS_FOLDER: string = fileURLToPath(new URL("../../models", import.meta.url));

export function modelFolder(name: ModelName): string {
  return join(MODELS_FOLDER, name);
}

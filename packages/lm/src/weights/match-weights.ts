/** Does a checkpoint hold exactly the weights that a model has? */
import { ModelFileError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";

const SHOWN = 20;

/**
 * Compares the names and shapes of a model's weights with a checkpoint's, and tells every difference at once.
 *
 * @param expected  shape of each of the model's weights, by its name in the checkpoint
 * @param isIgnored  names that may be left over, such as a copy of tied weights
 * @throws {ModelFileError} a weight is missing, left over or has another shape
 */
export function matchWeights(
  expected: ReadonlyMap<string, readonly number[]>,
  checkpoint: Checkpoint,
  isIgnored: (name: string) => boolean = () => false,
): void {
  const missing = [...expected.keys()].filter((name) => !checkpoint.has(name));
  const leftOver = checkpoint.names.filter((name) => !expected.has(name) && !isIgnored(name));
  const misshapen: string[] = [];
  for (const [name, shape] of expected) {
    if (!checkpoint.has(name)) continue;
    const seen = checkpoint.info(name).shape;
    if (seen.join() !== shape.join()) misshapen.push(`${name} is [${seen.join(", ")}], expected [${shape.join(", ")}]`);
  }
  if (missing.length + leftOver.length + misshapen.length === 0) return;
  const parts = [list("missing", missing), list("left over", leftOver), list("of another shape", misshapen)];
  throw new ModelFileError(
    `${checkpoint.folder}: the weights don't fit the model of its config.json.${parts.join("")}`,
  );
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > SHOWN ? [`and ${items.length - SHOWN} more`] : [];
  return [`\n${items.length} ${title}:`, ...items.slice(0, SHOWN), ...more].join("\n  ");
}

/** Does a checkpoint hold exactly the weights that a model has? */
import type { Dtype } from "@zerosearch/torch";
import { ModelFileError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";

const SHOWN = 20;

/** What weights may be stored in; which of these is the loader's affair. */
const FLOATS: readonly Dtype[] = ["float32", "bfloat16", "float16", "float64"];

/**
 * Compares the names and shapes of a model's weights with a checkpoint's, whose numbers must be floating-point, and
 * tells every difference at once.
 *
 * @param expected  shape of each of the model's weights, by its name in the checkpoint
 * @param isIgnored  names that may be left over, such as a copy of tied weights
 * @throws {ModelFileError} a weight is missing, left over, of another shape or of whole numbers
 */
export function matchWeights(
  expected: ReadonlyMap<string, readonly number[]>,
  checkpoint: Checkpoint,
  isIgnored: (name: string) => boolean = () => false,
): void {
  const missing = [...expected.keys()].filter((name) => !checkpoint.has(name));
  const leftOver = checkpoint.names.filter((name) => !expected.has(name) && !isIgnored(name));
  const misshapen: string[] = [];
  const whole: string[] = [];
  for (const [name, shape] of expected) {
    if (!checkpoint.has(name)) continue;
    const seen = checkpoint.info(name);
    if (seen.shape.join() !== shape.join()) {
      misshapen.push(`${name} is [${seen.shape.join(", ")}], expected [${shape.join(", ")}]`);
    }
    if (!FLOATS.includes(seen.dtype)) whole.push(`${name} is ${seen.dtype}, expected one of ${FLOATS.join(", ")}`);
  }
  const parts = [
    list("missing", missing),
    list("left over", leftOver),
    list("of another shape", misshapen),
    list("not of floating-point numbers (if the model is quantised, take the one it was made from)", whole),
  ].join("");
  if (parts !== "") {
    throw new ModelFileError(`${checkpoint.folder}: the weights don't fit the model of its config.json.${parts}`);
  }
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > SHOWN ? [`and ${items.length - SHOWN} more`] : [];
  return [`\n${items.length} ${title}:`, ...items.slice(0, SHOWN), ...more].join("\n  ");
}

/** What callers of JavaScript may get wrong about an options object. */
import { ArgumentError } from "./errors.ts";

/** The options, if they are an object. @throws {ArgumentError} they are something else */
export function checkedOptions<T>(options: T, operator: string): T {
  if (typeof options === "object" && options !== null) return options;
  throw new ArgumentError(
    `${operator}(): options must be an object, got ${options === null ? "null" : typeof options}`,
  );
}

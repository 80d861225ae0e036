/**
 * A configuration is a JSON file and what the command line changes in it: `--actor.lr 1e-6 --data.files a.jsonl b.jsonl`.
 * A name says where the value goes; what the value may be is the schema's business.
 */
import { z } from "zod";
import { ConfigError } from "./errors.ts";

const PREFIX = "--";

/** No key of a configuration is one of these: they would reach every object's prototype. */
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A copy of a configuration with values replaced.
 *
 * @param args  `--a.b value`, `--a.b=value`, `--a.b first second` (a list), `--a.flag` (true), `--a.b null` (removed). A
 *   value that is JSON is taken as what it says, any other as a text.
 * @throws {ConfigError} an argument that belongs to no name, or a name that can't be one
 */
export function applyOverrides(base: object, args: readonly string[]): object {
  const changed = structuredClone(base) as Record<string, unknown>;
  for (const { name, values } of readArguments(args)) setAt(changed, name, values);
  return changed;
}

interface Override {
  readonly name: string;
  readonly values: string[];
}

function readArguments(args: readonly string[]): Override[] {
  const overrides: Override[] = [];
  for (const arg of args) {
    const last = overrides.at(-1);
    if (arg.startsWith(PREFIX)) {
      const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
      overrides.push({ name, values: value === undefined ? [] : [value] });
    } else if (last) {
      last.values.push(arg);
    } else {
      throw new ConfigError(`"${arg}" belongs to no setting: write --name value, such as --actor.lr 1e-6.`);
    }
  }
  return overrides;
}

function setAt(config: Record<string, unknown>, name: string, values: readonly string[]): void {
  const keys = name.split(".");
  if (keys.some((key) => key === "" || FORBIDDEN.has(key))) {
    throw new ConfigError(`--${name} is no name of a setting: write it as in the file, joined by dots (--actor.lr).`);
  }
  const last = keys.pop() ?? "";
  let place: Record<string, unknown> = config;
  for (const key of keys) {
    const inner = place[key];
    if (typeof inner !== "object" || inner === null) place[key] = {};
    place = place[key] as Record<string, unknown>;
  }
  const [only, ...more] = values.map(readValue);
  if (only === null && more.length === 0) delete place[last];
  else if (values.length === 0) place[last] = true;
  else if (more.length > 0 || Array.isArray(place[last])) place[last] = Array.isArray(only) ? only : [only, ...more];
  else place[last] = only;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What a schema makes of a value, defaults filled in.
 *
 * @param what  such as the file's name; begins the message
 * @throws {ConfigError} naming each setting that is wrong, what it is and what was expected, and for an unknown one the
 *   most similar that exists
 */
export function parseConfig<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => explain(issue, value, schema));
  throw new ConfigError(`${what}: ${lines.length === 1 ? lines[0] : `\n  ${lines.join("\n  ")}`}`);
}

function explain(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => {
      const similar = mostSimilar(key, known);
      const hint = similar === undefined ? "" : `; did you mean ${[...path, similar].join(".")}?`;
      return `${[...path, key].join(".")} is no setting${hint}`;
    });
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    // The branch that got furthest is the one that was meant.
    const branches = [...issue.errors].sort((a, b) => a.length - b.length);
    return (branches[0] ?? []).flatMap((inner) =>
      explain({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, value, schema),
    );
  }
  const got = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
  const shown = got === undefined ? "missing" : JSON.stringify(got);
  return [`${path.join(".") || "the whole"} is ${shown}: ${issue.message}`];
}

/** The names that a schema knows at a place, as far as its JSON Schema tells. */
function knownKeys(schema: z.ZodType, path: readonly string[]): string[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  let places: JsonSchema[] = [root as JsonSchema];
  for (const key of path) {
    places = places.flatMap(alternatives).flatMap((place) => place.properties?.[key] ?? place.items ?? []);
  }
  return places.flatMap(alternatives).flatMap((place) => Object.keys(place.properties ?? {}));
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

function alternatives(place: JsonSchema): JsonSchema[] {
  return [place, ...[...(place.anyOf ?? []), ...(place.oneOf ?? [])].flatMap(alternatives)];
}

/** The closest by edit distance, if it is close at all. */
function mostSimilar(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((each) => ({ each, distance: editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.each : undefined;
}

/** Levenshtein's (1966): letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + Number(letter !== other), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

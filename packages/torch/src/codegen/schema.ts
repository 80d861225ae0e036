/** Reading libtorch's operator schemas, such as `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`. */

/** The type of an argument: `Tensor?[]?` is `{ base: "Tensor", optionalElements: true, list: true, optional: true }`. */
export interface SchemaType {
  readonly base: string;
  readonly list: boolean;
  /** `int[1]`: one number is as good as a list of one. */
  readonly listOfOne: boolean;
  readonly optional: boolean;
  readonly optionalElements: boolean;
}

export interface SchemaArgument {
  readonly name: string;
  readonly type: SchemaType;
  readonly defaultText: string | undefined;
  readonly keywordOnly: boolean;
  readonly written: boolean;
}

export interface Schema {
  readonly text: string;
  readonly name: string;
  readonly overload: string;
  readonly arguments: readonly SchemaArgument[];
  readonly returns: readonly {
    readonly name: string | undefined;
    readonly type: SchemaType;
    readonly written: boolean;
  }[];
}

const SCHEMA = /^(?<name>(?:aten|zerosearch)::\w+)(?:\.(?<overload>\w+))?\((?<arguments>.*)\) -> (?<returns>.+)$/;
const VALUE =
  /^(?<type>[A-Za-z]+)(?<alias>\([^)]*\))?(?<suffix>(?:\?|\[\d*\])*)(?: (?<name>\w+))?(?:=(?<fallback>.+))?$/;

/**
 * Parses one schema as libtorch prints it.
 *
 * @throws {SyntaxError} the text is not a schema of the namespaces `aten` and `zerosearch`
 */
export function parseSchema(text: string): Schema {
  const groups = SCHEMA.exec(text)?.groups;
  if (!groups) throw new SyntaxError(`expected a schema like aten::name(...) -> ..., got: ${text}`);
  let keywordOnly = false;
  const parsed: SchemaArgument[] = [];
  for (const part of splitTopLevel(groups.arguments ?? "")) {
    if (part === "*") {
      keywordOnly = true;
      continue;
    }
    const value = parseValue(part, text);
    parsed.push({ ...value, name: value.name ?? "", keywordOnly });
  }
  const returns = groups.returns ?? "";
  const list = returns.startsWith("(") ? splitTopLevel(returns.slice(1, -1)) : [returns];
  return {
    text,
    name: groups.name ?? "",
    overload: groups.overload ?? "",
    arguments: parsed,
    returns: list.map((part) => parseValue(part, text)),
  };
}

/** The type as the native side names it: symbolic integers are integers, list lengths don't matter. */
export function kindText(type: SchemaType): string {
  return `${type.base}${type.optionalElements ? "?" : ""}${type.list ? "[]" : ""}${type.optional ? "?" : ""}`;
}

function parseValue(
  part: string,
  schema: string,
): { name: string | undefined; type: SchemaType; defaultText: string | undefined; written: boolean } {
  const groups = VALUE.exec(part)?.groups;
  if (!groups) throw new SyntaxError(`can't read "${part}" in: ${schema}`);
  const suffix = groups.suffix ?? "";
  const bracket = suffix.indexOf("[");
  const list = bracket >= 0;
  const base = groups.type === "SymInt" ? "int" : (groups.type ?? "");
  return {
    name: groups.name,
    type: {
      base,
      list,
      listOfOne: suffix.includes("[1]"),
      optional: suffix.endsWith("?"),
      optionalElements: list && suffix.slice(0, bracket).includes("?"),
    },
    defaultText: groups.fallback,
    written: groups.alias?.includes("!") ?? false,
  };
}

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const character = text[i];
    if (character === "(" || character === "[") depth++;
    if (character === ")" || character === "]") depth--;
    if (i === text.length || (character === "," && depth === 0)) {
      const part = text.slice(start, i).trim();
      if (part !== "") parts.push(part);
      start = i + 1;
    }
  }
  return parts;
}

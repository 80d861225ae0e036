/** Reading ops.txt: which operators TypeScript may call, and under which names. */

export interface AllowedOperator {
  /** `aten::add`, or of the addon's own: `zerosearch::packed_linear` */
  readonly name: string;
  /** `Tensor`, or empty */
  readonly overload: string;
  /** The name in TypeScript. */
  readonly alias: string;
  /** For operators that older libraries lack: the schema, and the release that brought it. */
  readonly newer: { readonly since: string; readonly schema: string } | undefined;
}

/**
 * Parses the allow-list.
 *
 * @throws {SyntaxError} a line is not understood; the message holds its number
 */
export function parseAllowList(text: string): AllowedOperator[] {
  const allowed: AllowedOperator[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const newer = /^since (?<since>\d+\.\d+)\s+(?<schema>aten::(?<name>\w+)(?:\.(?<overload>\w+))?\(.*)$/.exec(
      trimmed,
    )?.groups;
    const plain = /^(?:(?<space>\w+)::)?(?<name>\w+)(?:\.(?<overload>\w+))?(?:\s+(?<alias>\w+))?$/.exec(
      trimmed,
    )?.groups;
    const found = newer ?? plain;
    if (!found?.name) throw new SyntaxError(`ops.txt:${index + 1}: expected "name.overload [alias]", got: ${trimmed}`);
    allowed.push({
      name: `${plain?.space ?? "aten"}::${found.name}`,
      overload: found.overload ?? "",
      alias: plain?.alias ?? camelCase(found.name),
      newer: newer?.since && newer.schema ? { since: newer.since, schema: newer.schema } : undefined,
    });
  }
  return allowed;
}

/** `_foreach_add_` becomes `foreachAdd_`: the last underscore means "in place" and stays. */
export function camelCase(name: string): string {
  return name.replace(/^_+/, "").replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

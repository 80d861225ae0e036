/**
 * JSON that gives back every number it was given, to the bit. JSON writes doubles exactly but lacks NaN and infinities,
 * and `JSON.stringify` drops the sign of −0: those become `{"$number": "NaN"}` and the like.
 */

const NAMED = new Map<string, number>([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** One line. Float64Arrays are written as arrays. */
export function writeExactJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_, member: unknown) => encode(member), indent);
}

/** @throws {SyntaxError} */
export function readExactJson(text: string): unknown {
  return JSON.parse(text, (_, member: unknown) => decode(member));
}

function encode(member: unknown): unknown {
  if (member instanceof Float64Array) return [...member];
  if (typeof member !== "number") return member;
  if (Object.is(member, -0)) return { $number: "-0" };
  return Number.isFinite(member) ? member : { $number: String(member) };
}

function decode(member: unknown): unknown {
  if (typeof member !== "object" || member === null || !("$number" in member)) return member;
  const number = typeof member.$number === "string" ? NAMED.get(member.$number) : undefined;
  return number === undefined || Object.keys(member).length > 1 ? member : number;
}

/** What differs between two configurations, setting by setting. */
import { isDeepStrictEqual } from "node:util";

/** Lines such as `actor.learningRate: 1e-6 → 2e-6`, sorted; empty if the two are equal. */
export function configDifference(before: unknown, after: unknown): string[] {
  const [old, now] = [new Map(settings(before, [])), new Map(settings(after, []))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .filter((name) => !(old.has(name) && now.has(name) && isDeepStrictEqual(old.get(name), now.get(name))))
    .map((name) => `${name}: ${shown(old, name)} → ${shown(now, name)}`);
}

/** Leaves by dotted name; lists are leaves. */
function settings(value: unknown, path: readonly string[]): [string, unknown][] {
  const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
  const members = isGroup ? Object.entries(value) : [];
  if (members.length === 0) return [[path.join("."), value]];
  return members.flatMap(([name, member]) => settings(member, [...path, name]));
}

function shown(from: ReadonlyMap<string, unknown>, name: string): string {
  return from.has(name) ? JSON.stringify(from.get(name)) : "(not set)";
}

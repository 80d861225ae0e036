import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtureTree } from "./fixture-tree.ts";
import { withLock } from "./setup-lock.mjs";

test("two pieces of work never overlap, and the lock is gone afterwards", async () => {
  using tree = fixtureTree({});
  const path = join(tree.root, "lock");
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} starts`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    events.push(`${name} ends`);
  };
  await Promise.all([withLock(path, () => {}, work("a")), withLock(path, () => events.push("b waits"), work("b"))]);
  expect(events).toEqual(["a starts", "b waits", "a ends", "b starts", "b ends"]);
  expect(existsSync(path)).toBe(false);
});

test("the lock of a process that is gone is taken over", async () => {
  const beyondAnyPid = "999999999";
  using tree = fixtureTree({ lock: beyondAnyPid });
  const path = join(tree.root, "lock");
  const holder = await withLock(
    path,
    () => {},
    async () => readFileSync(path, "utf8"),
  );
  expect(holder).toBe(String(process.pid));
});

test("work that fails leaves no lock", async () => {
  using tree = fixtureTree({});
  const path = join(tree.root, "lock");
  const failing = withLock(
    path,
    () => {},
    () => Promise.reject(new Error("no")),
  );
  await expect(failing).rejects.toThrow("no");
  expect(existsSync(path)).toBe(false);
});

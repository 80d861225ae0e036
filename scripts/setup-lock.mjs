import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 500;

/**
 * Runs `work` while no other process holds the lock file; waits for one that does. A lock whose process
 * is gone is taken over.
 *
 * @template T
 * @param {string} path
 * @param {(text: string) => void} say  told once when there is a wait
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, say, work) {
  let told = false;
  while (!tryLock(path)) {
    if (!told) say("waiting for another set-up in this checkout");
    told = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function tryLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  if (!isRunning(readLock(path))) rmSync(path, { force: true });
  return false;
}

/** @param {string} path */
function readLock(path) {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0; // released between the two looks
  }
}

/** @param {number} pid */
function isRunning(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

import { expect, test, vi } from "vitest";
import { ConfigError, RunError, SearchError } from "../core/errors.ts";
import { keyedUniform } from "../core/keyed-random.ts";
import { rollout } from "./rollout.ts";
import { type RolloutGroupsOptions, type RolloutProgress, rolloutGroups } from "./rollout-groups.ts";
import { FakeEngine, questionOf, type SceneChanges, scene } from "./testing/rollout-scene.ts";
import type { Script } from "./testing/scripted-policy.ts";
import type { Trajectory } from "./trajectory.ts";

const questions = (count: number) => Array.from({ length: count }, (_, i) => questionOf(i));

function groups(script: Script, changes: SceneChanges & Partial<RolloutGroupsOptions> = {}) {
  const { context, policy } = scene(script, changes);
  const options: RolloutGroupsOptions = { ...context, groupSize: 5, ...changes, policy, limits: context.limits };
  return { options, policy };
}

/** Does as its seed says: any number of searches, sometimes an invalid turn, then perhaps an answer. */
const varied: Script = async ({ turn, options, text }) => {
  const draw = keyedUniform([options.seed ?? 0, turn]);
  for (let wait = Math.floor(draw * 97) % 7; wait > 0; wait--) await Promise.resolve();
  if (draw < 0.5) return `<search>${/question \d+/.exec(text)?.[0]} part ${turn} ${draw}</search>`;
  return draw < 0.65 ? "hm<|im_end|>" : `<answer>${draw}</answer>`;
};

/** What must be the same whenever it is played: all but times. */
const played = ({ totalMs, searchMs, segments, ...rest }: Trajectory) => ({
  ...rest,
  segments: segments.map((segment) => (segment.kind === "action" ? { ...segment, generationMs: 0 } : segment)),
});

test("2,000 rollouts at once come back in order, each with its own question's searches (D4), each as if alone", async () => {
  const search = new FakeEngine(async (query) => {
    for (let wait = Math.floor(keyedUniform([query]) * 20); wait > 0; wait--) await Promise.resolve();
    return [{ text: `found for ${query}` }];
  });
  const { options } = groups(varied, { search });
  const warnings = vi.spyOn(process, "emitWarning");
  const trajectories = await rolloutGroups(questions(400), { ...options, signal: new AbortController().signal });
  expect(warnings).not.toHaveBeenCalled(); // of a thousand listeners on one signal
  expect(trajectories.map(({ key }) => [key.questionId, key.sample])).toEqual(
    questions(400).flatMap(({ id }) => [0, 1, 2, 3, 4].map((sample) => [id, sample])),
  );
  expect(search.asked.length).toBeGreaterThan(1000);
  for (const { context, query } of search.asked) {
    expect(query.startsWith(`${context.question.text.slice(0, -1)} part`)).toBe(true);
  }
  for (const place of [0, 3, 777, 1234, 1999]) {
    const among = trajectories[place] as Trajectory;
    const alone = await rollout(among.question, { ...options, sample: among.key.sample });
    expect(played(alone)).toEqual(played(among));
  }
  expect(new Set(trajectories.map(({ stopReason }) => stopReason)).size).toBeGreaterThan(1);
});

test("no more run at once than allowed, and neither the bound nor the company changes a rollout", async () => {
  let mostRunning = 0;
  const { options, policy } = groups(varied);
  const few = await rolloutGroups(questions(8), {
    ...options,
    maxConcurrent: 3,
    onProgress: ({ running }) => {
      mostRunning = Math.max(mostRunning, running);
    },
  });
  expect(mostRunning).toBe(3);
  expect(policy.openTexts).toBe(0);
  const many = await rolloutGroups(questions(8).reverse(), options);
  const byKey = new Map(many.map((one) => [JSON.stringify(one.key), played(one)]));
  for (const one of few) expect(byKey.get(JSON.stringify(one.key))).toEqual(played(one));
});

test("members of a group draw differently, and another step or seed gives other draws", async () => {
  const { options } = groups(varied);
  const texts = async (changes: Partial<RolloutGroupsOptions>) =>
    (await rolloutGroups(questions(1), { ...options, ...changes })).map(({ segments }) => segments[1]?.text);
  const first = await texts({});
  expect(new Set(first).size).toBeGreaterThan(2);
  expect(await texts({})).toEqual(first);
  expect(await texts({ step: 4 })).not.toEqual(first);
  expect(await texts({ seed: 8 })).not.toEqual(first);
});

test("progress counts every rollout and search once, and ends with nothing under way", async () => {
  const events: RolloutProgress[] = [];
  const search = new FakeEngine();
  const { options } = groups(varied, { search });
  await rolloutGroups(questions(6), { ...options, onProgress: (progress) => events.push(progress) });
  expect(events.at(-1)).toEqual({
    total: 30,
    done: 30,
    running: 0,
    searching: 0,
    searches: search.asked.length,
    failures: 0,
  });
  for (const { done, running, searching, total } of events) {
    expect(searching).toBeLessThanOrEqual(running);
    expect(done + running).toBeLessThanOrEqual(total);
  }
});

test("an abort ends all of them, waiting, searching or not begun, and every one has its trajectory", async () => {
  const controller = new AbortController();
  const search = new FakeEngine((query) => (query === "slow" ? new Promise(() => {}) : [{ text: "d" }]));
  const script: Script = ({ turn, text }) => {
    if (text.includes("question 1?")) return "<answer>quick</answer>";
    return turn === 0 ? "<search>fast</search>" : "<search>slow</search>";
  };
  const { options, policy } = groups(script, { search });
  const trajectories = await rolloutGroups(questions(4), {
    ...options,
    signal: controller.signal,
    maxConcurrent: 12,
    onProgress: ({ searching }) => {
      if (searching === 12) controller.abort();
    },
  });
  expect(trajectories).toHaveLength(20);
  const reasons = trajectories.map(({ question, stopReason }) => `${question.id} ${stopReason}`);
  expect(new Set(reasons)).toEqual(new Set(["q0 aborted", "q1 answered", "q2 aborted", "q3 aborted"]));
  expect(policy.openTexts).toBe(0);
});

test("few failures are data, more than the share allowed end the step with their counts and the commonest message", async () => {
  const search = new FakeEngine((query) => {
    if (query.startsWith("question 0")) throw new SearchError("the index is gone", { kind: "server" });
    if (query.startsWith("question 1")) throw new SearchError("no route", { kind: "unreachable" });
    return [{ text: "d" }];
  });
  const script: Script = ({ turn, text, options }) => {
    if (text.includes("question 1?") && (options.seed ?? 0) % 2 === 0) throw new Error("out of memory");
    return turn === 0 ? `<search>${/question \d+/.exec(text)?.[0]}</search>` : "<answer>a</answer>";
  };
  const { options, policy } = groups(script, { search });
  const failed = (list: readonly Trajectory[]) => list.filter(({ failure }) => failure !== undefined);
  const tolerated = await rolloutGroups(questions(10), { ...options, maxFailureShare: 0.2 });
  expect(failed(tolerated)).toHaveLength(10);
  expect(tolerated[0]).toMatchObject({ stopReason: "search-failed", failure: "the index is gone" });
  const error: unknown = await rolloutGroups(questions(10), { ...options, maxFailureShare: 0.19 }).catch((e) => e);
  expect(error).toBeInstanceOf(RunError);
  expect((error as Error).message).toMatch(
    /^10 of 50 rollouts failed \(\d search-failed, \d generation-failed\), more than maxFailureShare allows\. Most often \(5\): the index is gone$/,
  );
  expect(policy.openTexts).toBe(0);
});

test("nothing goes on behind an error: those under way have ended when it is thrown", async () => {
  const search = new FakeEngine((query) => {
    if (query === "bad") throw new ConfigError("no key");
    return new Promise(() => {});
  });
  const { options, policy } = groups(
    ({ text }) => `<search>${text.includes("question 3?") ? "bad" : "slow"}</search>`,
    {
      search,
    },
  );
  await expect(rolloutGroups(questions(4), options)).rejects.toThrow("no key");
  expect(policy.openTexts).toBe(0);
});

test("whoever keeps rollouts is told of each as it ends, and a failure to keep one ends them all", async () => {
  const { options } = groups(varied);
  const told: Trajectory[] = [];
  const trajectories = await rolloutGroups(questions(3), { ...options, onTrajectory: (each) => told.push(each) });
  expect(new Set(told)).toEqual(new Set(trajectories));
  const broken = rolloutGroups(questions(3), {
    ...options,
    onTrajectory: () => {
      throw new RunError("the disk is full");
    },
  });
  await expect(broken).rejects.toThrow("the disk is full");
});

test("settings that can't be meant are refused before anything is played", async () => {
  const { options, policy } = groups(varied);
  const bad = (changes: Partial<RolloutGroupsOptions>) => rolloutGroups(questions(2), { ...options, ...changes });
  await expect(bad({ groupSize: 0 })).rejects.toThrow("rollout.groupSize must be a whole number of at least 1, got 0");
  await expect(bad({ maxConcurrent: 1.5 })).rejects.toThrow("rollout.maxConcurrent");
  await expect(bad({ maxFailureShare: 2 })).rejects.toThrow("rollout.maxFailureShare must be in [0, 1], got 2");
  await expect(rolloutGroups([questionOf(1), questionOf(1)], options)).rejects.toThrow(
    'two questions of a step have the id "q1"',
  );
  expect(policy.turns).toEqual([]);
  expect(await rolloutGroups([], options)).toEqual([]);
});

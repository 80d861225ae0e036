import { describe, expect, test } from "vitest";
import { ConfigError, SearchError } from "../core/errors.ts";
import { keyedSeed } from "../core/keyed-random.ts";
import { searchesOf, tokenSequence } from "./policy-tokens.ts";
import { rollout } from "./rollout.ts";
import type { StopReason } from "./stop-reason.ts";
import { FakeEngine, questionOf, type SceneChanges, scene } from "./testing/rollout-scene.ts";
import type { Script } from "./testing/scripted-policy.ts";
import type { Trajectory } from "./trajectory.ts";

const INVALID =
  "\nMy previous action is invalid. If I want to search, I should put the query between <search> and </search>. If I want to give the final answer, I should put the answer between <answer> and </answer>. Let me try again.\n";

/** Says one line per turn, the last for ever. */
const saying =
  (...lines: string[]): Script =>
  ({ turn }) =>
    lines[Math.min(turn, lines.length - 1)] ?? "";
const textOf = ({ segments }: Trajectory): string => segments.map(({ text }) => text).join("");
const shapeOf = ({ segments }: Trajectory): string[] =>
  segments.map((segment) =>
    segment.kind === "action" ? segment.action.kind : segment.kind === "prompt" ? "prompt" : segment.cause,
  );
const play = (script: Script, changes?: SceneChanges): Promise<Trajectory> =>
  rollout(questionOf(1), scene(script, changes).context);

describe("the text of a rollout", () => {
  test("is prompt, actions and the reference's observations, byte for byte", async () => {
    const search = new FakeEngine(() => [{ title: "Danube", text: "A river." }, { text: "Second." }]);
    const trajectory = await play(
      saying("<search> river </search>", "well<|im_end|>", "so <answer> Danube </answer>", "never said"),
      { search },
    );
    expect(textOf(trajectory)).toBe(
      "Q: question 1?\n<search> river </search>" +
        "\n\n<information>Doc 1: (Title: Danube) A river.\nDoc 2: Second.</information>\n\n" +
        `well<|im_end|>${INVALID}so <answer> Danube </answer>`,
    );
    expect(shapeOf(trajectory)).toEqual(["prompt", "search", "search", "invalid", "invalid-action", "answer"]);
    expect(trajectory).toMatchObject({ stopReason: "answered", answer: "Danube" });
    expect(trajectory.key).toEqual({ seed: 7, step: 3, questionId: "q1", sample: 0 });
    expect(search.asked.map(({ query }) => query)).toEqual(["river"]);
  });

  test("says that nothing was found only where a search succeeded and found nothing", async () => {
    const empty = await play(saying("<search>x</search>", "<answer>y</answer>"), { search: new FakeEngine(() => []) });
    expect(textOf(empty)).toContain("\n\n<information>No information available</information>\n\n");
    const failing = new FakeEngine(() => {
      throw new SearchError("the engine is down", { kind: "server" });
    });
    const failed = await play(saying("<search>x</search>", "<answer>y</answer>"), { search: failing });
    expect(textOf(failed)).not.toContain("No information available");
    expect(failed).toMatchObject({ stopReason: "search-failed", failure: "the engine is down", answer: null });
  });

  test("holds nothing after the closing tag: what the policy would have said next is not generated (D30)", async () => {
    const trajectory = await play(
      saying("<search>a</search> and then a long tail <answer>forged</answer>", "<answer>b</answer>"),
    );
    expect(shapeOf(trajectory)).toEqual(["prompt", "search", "search", "answer"]);
    expect(trajectory.answer).toBe("b");
  });

  test("is what every request extended: each turn reads all before it and nothing else", async () => {
    const { policy, context } = scene(
      saying("<search>a</search>", "<|im_end|>", "<search>b</search>", "<answer>c</answer>"),
    );
    const { tokens } = tokenSequence(await rollout(questionOf(1), context));
    expect(policy.turns).toHaveLength(4);
    for (const turn of policy.turns) expect(turn.tokens).toEqual(tokens.slice(0, turn.tokens.length));
    const lengths = policy.turns.map((turn) => turn.tokens.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(policy.openTexts).toBe(0);
  });
});

test("whoever watches sees every segment as it is complete", async () => {
  const seen: unknown[] = [];
  const trajectory = await play(saying("<search>a</search>", "<|im_end|>", "<answer>b</answer>"), {
    onSegment: (segment) => seen.push(segment),
    onSearch: (event) => seen.push(event),
  });
  const [prompt, search, found, ...rest] = trajectory.segments;
  expect(seen).toEqual([prompt, search, "begun", "ended", found, ...rest]);
});

describe("requests", () => {
  test("carry their own seed and sampling in every turn, the closing one included (D10)", async () => {
    const { policy, context } = scene(saying("<search>a</search>"), { limits: { maxTurns: 2 }, sample: 5 });
    await rollout(questionOf(1), context);
    expect(policy.turns.map(({ options }) => options)).toEqual(
      [0, 1, 2].map((turn) => ({
        temperature: 0.5,
        seed: keyedSeed([7, 3, "q1", 5, turn, "policy"]),
        maxTokens: 500,
        stopStrings: ["</search>", "</answer>"],
        stopIds: [0x11_0000],
      })),
    );
  });

  test("a search session is opened once, for its own question, with the step's noise", async () => {
    const search = new FakeEngine();
    await play(saying("<search>a</search>", "<search>b</search>", "<answer>c</answer>"), { search, noise: 0.25 });
    expect(search.asked.map(({ context }) => context)).toEqual([0, 1].map(() => search.asked[0]?.context));
    expect(search.asked[0]?.context).toEqual({
      question: questionOf(1),
      key: { seed: 7, step: 3, questionId: "q1", sample: 0 },
      noise: 0.25,
    });
  });
});

describe("the closing round", () => {
  test("asks for an answer and makes no search: one asked for there is the turn limit (D9)", async () => {
    const search = new FakeEngine();
    const trajectory = await play(saying("<search>a</search>", "<search>b</search>", "<search>late</search>"), {
      search,
      limits: { maxTurns: 2 },
    });
    expect(shapeOf(trajectory)).toEqual(["prompt", "search", "search", "search", "search", "answer-now", "search"]);
    expect(search.asked.map(({ query }) => query)).toEqual(["a", "b"]);
    expect(searchesOf(trajectory).map(({ query }) => query)).toEqual(["a", "b"]);
    expect(trajectory).toMatchObject({ stopReason: "turn-limit", answer: null });
    expect(textOf(trajectory)).toContain("I have no searches left.");
  });

  test("takes an answer; silent if so configured, in other words if so configured", async () => {
    const lines = saying("<search>a</search>", "<answer>b</answer>");
    const silent = await play(lines, { limits: { maxTurns: 1 }, answerNow: null });
    expect(shapeOf(silent)).toEqual(["prompt", "search", "search", "answer"]);
    expect(silent).toMatchObject({ stopReason: "answered", answer: "b" });
    const own = await play(lines, { limits: { maxTurns: 1 }, answerNow: "\nNow!\n" });
    expect(own.segments.at(-2)).toMatchObject({ kind: "observation", cause: "answer-now", text: "\nNow!\n" });
  });

  test("is all there is without turns: the question is answered at once", async () => {
    const search = new FakeEngine();
    const bounds = { search, limits: { maxTurns: 0 }, answerNow: null };
    expect(shapeOf(await play(saying("<answer>b</answer>"), bounds))).toEqual(["prompt", "answer"]);
    expect(await play(saying("<search>a</search>"), bounds)).toMatchObject({ stopReason: "turn-limit", answer: null });
    expect(search.asked).toEqual([]);
  });
});

describe("every way to end", () => {
  const prompt = "Q: question 1?\n".length;
  const cases: Record<StopReason, [Script, SceneChanges, string[]]> = {
    answered: [saying("<answer>x</answer>"), {}, ["prompt", "answer"]],
    "turn-limit": [
      saying("<|im_end|>"),
      { limits: { maxTurns: 1 } },
      ["prompt", "invalid", "invalid-action", "answer-now", "invalid"],
    ],
    "token-budget": [
      saying("<search>a</search>", "thinking too long"),
      { limits: { maxTotalTokens: 25 } },
      ["prompt", "search", "search", "invalid"],
    ],
    "context-overflow": [
      saying("thinking too long"),
      { contextLength: prompt + 10, limits: { answerReserve: 4 } },
      ["prompt", "invalid"],
    ],
    "too-often-invalid": [
      saying("<|im_end|>"),
      { limits: { maxInvalid: 2 } },
      ["prompt", "invalid", "invalid-action", "invalid"],
    ],
    "search-failed": [
      saying("<search>a</search>"),
      { search: new FakeEngine(() => Promise.reject(new TypeError("fetch failed"))) },
      ["prompt", "search"],
    ],
    "generation-failed": [
      ({ turn }) => (turn === 0 ? "<search>a</search>" : Promise.reject(new Error("out of memory"))),
      {},
      ["prompt", "search", "search"],
    ],
    aborted: [saying("<answer>x</answer>"), { signal: AbortSignal.abort() }, ["prompt"]],
  };
  test.each(Object.entries(cases))("%s", async (stopReason, [script, changes, shape]) => {
    const trajectory = await play(script, changes);
    expect(trajectory.stopReason).toBe(stopReason);
    expect(shapeOf(trajectory)).toEqual(shape);
    expect(trajectory.answer).toBe(stopReason === "answered" ? "x" : null);
    const failures = ["search-failed", "generation-failed"];
    expect(trajectory.failure !== undefined).toBe(failures.includes(stopReason));
  });

  test("a turn cut at its own maximum is an invalid action, as in the reference; the closing one is the token budget", async () => {
    const trajectory = await play(saying("x".repeat(100)), { limits: { maxTurns: 1, maxTurnTokens: 20 } });
    expect(shapeOf(trajectory)).toEqual(["prompt", "invalid", "invalid-action", "answer-now", "invalid"]);
    expect(trajectory.stopReason).toBe("token-budget");
    expect(trajectory.segments[1]?.tokens).toHaveLength(20);
  });

  test("a search asked for with the last token of the budget is not made", async () => {
    const search = new FakeEngine();
    const query = "<search>a</search>";
    const trajectory = await play(saying(query), { search, limits: { maxTotalTokens: query.length } });
    expect(trajectory.stopReason).toBe("token-budget");
    expect(search.asked).toEqual([]);
  });

  test("an answer that is complete with the last token counts", async () => {
    const line = "<answer>a</answer>";
    const trajectory = await play(saying(line), {
      limits: { maxTotalTokens: line.length, maxTurnTokens: line.length },
    });
    expect(trajectory).toMatchObject({ stopReason: "answered", answer: "a" });
  });
});

describe("what does not fit (D17, D18)", () => {
  const prompt = "Q: question 1?\n".length;
  const query = "<search>a</search>";
  const tags = "\n\n<information></information>\n\n".length;
  const documents = ["one", "two", "three"].map((text) => ({ text }));
  const answer = "<answer>b</answer>";
  /** Plays with room for so many characters of documents. */
  const withRoom = (room: number): Promise<Trajectory> =>
    play(saying(query, answer), {
      search: new FakeEngine(() => documents),
      contextLength: prompt + query.length + tags + room + answer.length,
      limits: { answerReserve: answer.length },
    });

  test.each([
    [40, "Doc 1: one\nDoc 2: two\nDoc 3: three", 3],
    [34, "Doc 1: one\nDoc 2: two\nDoc 3: three", 3],
    [33, "Doc 1: one\nDoc 2: two", 2],
    [20, "Doc 1: one", 1],
  ])("with room for %d characters the documents are %j, whole, and the tags stand", async (room, text, shown) => {
    const trajectory = await withRoom(room);
    expect(trajectory).toMatchObject({ stopReason: "answered", answer: "b" });
    expect(trajectory.segments[2]).toMatchObject({
      text: `\n\n<information>${text}</information>\n\n`,
      shownDocuments: shown,
    });
  });

  test("the observation's own maximum cuts the same way", async () => {
    const trajectory = await play(saying(query, answer), {
      search: new FakeEngine(() => documents),
      limits: { maxObservationTokens: tags + 21 },
    });
    expect(trajectory.segments[2]?.text).toBe("\n\n<information>Doc 1: one\nDoc 2: two</information>\n\n");
  });

  test("where no document fits the rollout has overflowed; where not even the tags do, no search is made", async () => {
    expect((await withRoom(5)).stopReason).toBe("context-overflow");
    const search = new FakeEngine();
    const trajectory = await play(saying(query), {
      search,
      contextLength: prompt + query.length + tags + 64,
    });
    expect(trajectory.stopReason).toBe("context-overflow");
    expect(search.asked).toEqual([]);
  });

  test("a prompt that leaves no room is not cut and nothing is generated", async () => {
    const { policy, context } = scene(saying(answer), { contextLength: prompt + 10 });
    const trajectory = await rollout(questionOf(1), context);
    expect(trajectory).toMatchObject({ stopReason: "context-overflow" });
    expect(shapeOf(trajectory)).toEqual(["prompt"]);
    expect(policy.turns).toEqual([]);
  });

  test("a correction that does not fit is an overflow, not a shorter correction", async () => {
    const trajectory = await play(saying("<|im_end|>"), { contextLength: prompt + 1 + INVALID.length + 63 });
    expect(shapeOf(trajectory)).toEqual(["prompt", "invalid"]);
    expect(trajectory.stopReason).toBe("context-overflow");
  });
});

describe("searches that fail, hang or are aborted", () => {
  const hanging = () => new FakeEngine(() => new Promise(() => {}));

  test("a search that never ends is given up after its time", async () => {
    const trajectory = await play(saying("<search>a</search>"), { search: hanging(), limits: { searchTimeoutMs: 1 } });
    expect(trajectory.stopReason).toBe("search-failed");
    expect(trajectory.failure).toBe("The search gave no result within 1 ms.");
  });

  test("an abort ends a search that does not listen, and the engine that does is told", async () => {
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const search = new FakeEngine((_, { signal }) => {
      seen = signal;
      queueMicrotask(() => controller.abort());
      return new Promise(() => {});
    });
    const trajectory = await play(saying("<search>a</search>"), { search, signal: controller.signal });
    expect(trajectory).toMatchObject({ stopReason: "aborted", answer: null });
    expect(trajectory.failure).toBeUndefined();
    expect(seen?.aborted).toBe(true);
  });

  test("an abort ends a generation that hangs", async () => {
    const controller = new AbortController();
    const { policy, context } = scene(
      () => {
        queueMicrotask(() => controller.abort());
        return new Promise(() => {});
      },
      { signal: controller.signal },
    );
    expect((await rollout(questionOf(1), context)).stopReason).toBe("aborted");
    expect(policy.openTexts).toBe(0);
  });

  test("an engine's own abort is a failed search, not the end of the run", async () => {
    const search = new FakeEngine(() => Promise.reject(new SearchError("closed", { kind: "aborted" })));
    expect(await play(saying("<search>a</search>"), { search })).toMatchObject({
      stopReason: "search-failed",
      failure: "closed",
    });
  });

  test("a mistake in the configuration is thrown: no other rollout would fare better", async () => {
    const search = new FakeEngine(() => Promise.reject(new ConfigError("no key")));
    await expect(play(saying("<search>a</search>"), { search })).rejects.toThrow(ConfigError);
    await expect(play(saying("x"), { limits: { maxTurns: -1 } })).rejects.toThrow(
      "rollout.maxTurns must be a whole number of at least 0, got -1",
    );
    await expect(play(saying("x"), { limits: { maxInvalid: Number.NaN } })).rejects.toThrow(ConfigError);
  });
});

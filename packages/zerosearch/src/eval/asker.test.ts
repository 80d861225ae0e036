import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadAgent } from "../models/agent.ts";
import { agentConfigSchema } from "../models/agent-config.ts";
import { createRolloutEngine } from "../models/create-rollout-engine.ts";
import { tinyModelFolder } from "../models/testing/tiny-model-folder.ts";
import { rollout } from "../rollout/rollout.ts";
import { DEFAULT_ROLLOUT_LIMITS } from "../rollout/rollout-context.ts";
import type { Segment, Trajectory } from "../rollout/trajectory.ts";
import { FtsIndex } from "../search/local/fts-index.ts";
import { Asker, type AskerConfig } from "./asker.ts";

let place = "";
let config: AskerConfig;
beforeAll(async () => {
  setThreads(1);
  place = mkdtempSync(join(tmpdir(), "zerosearch-asker-"));
  await (await FtsIndex.build([{ id: "1", text: "a passage" }], { path: join(place, "index") })).close();
  config = {
    model: agentConfigSchema.parse({ path: tinyModelFolder(true), prompt: "Q: {question}\n" }),
    search: { engine: "local", index: join(place, "index") },
    limits: { ...DEFAULT_ROLLOUT_LIMITS, maxTurns: 2, maxTurnTokens: 12 },
    temperature: 1,
    seed: 5,
  };
});
afterAll(() => {
  rmSync(place, { recursive: true });
  rmSync(config.model.path, { recursive: true });
});

const textsOf = ({ segments }: Trajectory): string[] => segments.map(({ text }) => text);

test("an answer is the rollout of training, token for token, and is seen as it comes", async () => {
  const tensorsBefore = liveTensorCount();
  let heard = "";
  const seen: Segment[] = [];
  const onSegment = (segment: Segment): void => {
    seen.push(segment);
    if (segment.kind !== "action") return;
    expect(heard.length).toBeGreaterThan(segment.text.length / 2); // a character that broke off is not heard
    expect(segment.text.startsWith(heard)).toBe(true);
    heard = "";
  };
  const asked = await (async () => {
    await using asker = await Asker.open(config);
    return await asker.ask("who wrote the book", { onText: (piece) => (heard += piece), onSegment });
  })();
  expect(seen).toEqual(asked.segments);
  expect(seen.filter(({ kind }) => kind === "action").length).toBeGreaterThan(1);

  const search = await createRolloutEngine(config.search);
  {
    using agent = loadAgent(config.model);
    const trained = await rollout(
      { id: "asked", text: "who wrote the book", answers: ["me"], source: "test" },
      { ...agent, ...config, search, step: 0, sample: 0, noise: 0, sampling: { temperature: 1 } },
    );
    expect(trained.segments.map(({ tokens }) => tokens)).toEqual(asked.segments.map(({ tokens }) => tokens));
  }
  await search.close?.();
  expect(liveTensorCount()).toBe(tensorsBefore);
});

test("asking again draws anew, unless the likeliest tokens are wanted", async () => {
  await using drawing = await Asker.open(config);
  expect(textsOf(await drawing.ask("who"))).not.toEqual(textsOf(await drawing.ask("who")));
  await using greedy = await Asker.open({ ...config, temperature: 0 });
  expect(textsOf(await greedy.ask("who"))).toEqual(textsOf(await greedy.ask("who")));
});

test("an answer under way is ended by its signal, and the next can be asked", async () => {
  await using asker = await Asker.open(config);
  const stop = new AbortController();
  const stopped = await asker.ask("who", { onText: () => stop.abort(), signal: stop.signal });
  expect(stopped).toMatchObject({ stopReason: "aborted", answer: null });
  expect((await asker.ask("who")).stopReason).not.toBe("aborted");
});

test("a simulator is refused: nobody could tell it the answer", async () => {
  const search = { engine: "simulator", model: { kind: "folder", path: "m" } } as unknown as AskerConfig["search"];
  await expect(Asker.open({ ...config, search })).rejects.toThrow(/choose a real engine/u);
});

import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatRequest } from "../../core/chat-model.ts";
import { ChatModelError, ConfigError, SearchError } from "../../core/errors.ts";
import { keyedUniform } from "../../core/keyed-random.ts";
import type { Question } from "../../core/question.ts";
import type { SearchResult, SessionContext } from "../search-engine.ts";
import type { Gate } from "./gate.ts";
import { noGate } from "./gate.ts";
import { Simulator } from "./simulator.ts";
import { REFERENCE_BEHAVIOUR, type SimulatorOptions } from "./simulator-options.ts";
import { templatePrompt, tunedSimulatorPrompt } from "./simulator-prompts.ts";
import { type Script, ScriptedChatModel } from "./testing/scripted-chat-model.ts";

const short = templatePrompt({
  useful: "useful|{count}|{question}|{answers}|{query}",
  noisy: "noisy|{count}|{question}|{answers}|{query}",
});
const withholding = templatePrompt({
  useful: "useful {answer} {query}",
  noisy: "noisy {query}",
  withheld: "? {query}",
});

const question = (id: number): Question => ({
  id: `q${id}`,
  text: `Who is Person${id}?`,
  answers: [`Answer${id}`],
  source: "test",
});

const contextOf = (change: { id?: number; sample?: number; step?: number; noise?: number } = {}): SessionContext => {
  const { id = 1, sample = 0, step = 1, noise = 0 } = change;
  return { question: question(id), key: { seed: 5, step, questionId: `q${id}`, sample }, noise };
};

/** Pages that differ from call to call and hold the answer where the prompt is a useful one. */
const honest: Script = ({ messages }, call) => {
  const [label, , , answer] = (messages.at(-1)?.content ?? "").split("|");
  return `Doc 1: page ${call}\nDoc 2: ${label === "useful" ? answer : "nothing"} here`;
};

const simulatorOf = (script: Script = honest, options: SimulatorOptions = {}, prompt = short) => {
  const model = new ScriptedChatModel(script);
  return { model, simulator: new Simulator(model, prompt, options) };
};

describe("a search", () => {
  test("sends the prompt as the reference does, and returns what was written", async () => {
    const { model, simulator } = simulatorOf(() => "Doc 1: a\nDoc 2: Answer1", {}, tunedSimulatorPrompt());
    const result = await simulator.open(contextOf()).search("Person1's  job", { topK: 5 });
    expect(model.requests).toEqual([
      {
        messages: tunedSimulatorPrompt().useful({
          query: "Person1's job",
          question: "Who is Person1?",
          answers: ["Answer1"],
          count: 5,
        }),
        temperature: 0.8,
        maxTokens: 600,
        seed: expect.any(Number),
        signal: expect.any(AbortSignal),
      },
    ]);
    expect(result).toEqual({
      documents: [{ text: "a" }, { text: "Answer1" }],
      source: "simulator",
      latencyMs: expect.any(Number),
      simulation: { intent: "useful", isDeserved: true, holdsAnswer: true, isRepeated: false, draws: 1 },
    });
  });

  test("asks for as many documents as it returns at most", async () => {
    const { model, simulator } = simulatorOf(() => "Doc 1: a\nDoc 2: b\nDoc 3: c\nDoc 4: d");
    const { documents } = await simulator.open(contextOf()).search("Person1", { topK: 3 });
    expect(documents).toHaveLength(3);
    expect(model.prompts[0]).toMatch(/^useful\|three\|/);
  });

  test("takes its label from the curriculum, and says it", async () => {
    const { model, simulator } = simulatorOf();
    const { simulation } = await simulator.open(contextOf({ noise: 1 })).search("Person1", { topK: 5 });
    expect(simulation).toMatchObject({ intent: "noisy", isDeserved: true, holdsAnswer: false });
    expect(model.prompts[0]).toMatch(/^noisy/);
  });

  test("records a leak, and an answer that is missing", async () => {
    const leaking = simulatorOf(() => "Doc 1: it's answer1!").simulator.open(contextOf({ noise: 1 }));
    expect((await leaking.search("Person1", { topK: 5 })).simulation?.holdsAnswer).toBe(true);
    const useless = simulatorOf(() => "Doc 1: Answer12").simulator.open(contextOf());
    expect((await useless.search("Person1", { topK: 5 })).simulation?.holdsAnswer).toBe(false);
  });

  test.each(["", "  \n\t"])("for %j is refused without asking the model", async (query) => {
    for (const options of [{}, REFERENCE_BEHAVIOUR]) {
      const { model, simulator } = simulatorOf(honest, options);
      const search = simulator.open(contextOf()).search(query, { topK: 5 });
      await expect(search).rejects.toMatchObject({ name: "SearchError", kind: "rejected" });
      expect(model.requests).toEqual([]);
    }
  });
});

describe("failures", () => {
  test("of the model are typed, keep its kind and pause, and are not kept", async () => {
    let failures = 1;
    const { model, simulator } = simulatorOf(() => {
      if (failures-- > 0) throw new ChatModelError("too many", { kind: "rate-limited", retryAfterMs: 70 });
      return "Doc 1: Answer1";
    });
    const session = simulator.open(contextOf());
    const failed = session.search("Person1", { topK: 5 });
    await expect(failed).rejects.toMatchObject({ name: "SearchError", kind: "rate-limited", retryAfterMs: 70 });
    expect((await session.search("Person1", { topK: 5 })).simulation?.isRepeated).toBe(false);
    expect(model.requests).toHaveLength(2);
  });

  test("to parse are malformed searches", async () => {
    const { simulator } = simulatorOf(() => "I can't.");
    const failed = simulator.open(contextOf()).search("Person1", { topK: 5 });
    await expect(failed).rejects.toMatchObject({ name: "SearchError", kind: "malformed" });
  });

  test("of the program are no searches that failed", async () => {
    const { simulator } = simulatorOf(() => {
      throw new TypeError("a bug");
    });
    await expect(simulator.open(contextOf()).search("Person1", { topK: 5 })).rejects.toThrow(TypeError);
  });

  test.each([true, false])(
    "an abort reaches the model, and the asker as aborted (consistent pages: %s)",
    async (consistentPages) => {
      const controller = new AbortController();
      const { model, simulator } = simulatorOf(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal?.addEventListener("abort", () => reject(new ChatModelError("aborted", { kind: "aborted" })));
          }),
        { consistentPages },
      );
      const search = simulator.open(contextOf()).search("Person1", { topK: 5, signal: controller.signal });
      await turn();
      controller.abort(new Error("enough"));
      await expect(search).rejects.toMatchObject({ name: "SearchError", kind: "aborted" });
      expect(model.requests[0]?.signal?.aborted).toBe(true);
    },
  );

  test("topK, noise, options and questions that can't be are mistakes of the caller", async () => {
    const { simulator } = simulatorOf();
    await expect(simulator.open(contextOf()).search("Person1", { topK: 0 })).rejects.toThrow(ConfigError);
    expect(() => simulator.open(contextOf({ noise: 1.5 }))).toThrow(/noise is 1.5/);
    expect(() => simulator.open({ ...contextOf(), question: { ...question(1), answers: [] } })).toThrow(/q1/);
    const wrong: SimulatorOptions[] = [
      { temperature: -1 },
      { maxTokens: 0 },
      { maxDraws: 0.5 },
      { sharedNoise: "group" },
    ];
    for (const options of wrong) expect(() => simulatorOf(honest, options)).toThrow(ConfigError);
  });
});

describe("questions and queries (defect D4)", () => {
  test("stay together at every turn, whatever finishes first", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        async (turns, order) => {
          const open: (() => void)[] = [];
          const { model, simulator } = simulatorOf(async (request, call) => {
            await new Promise<void>((resolve) => open.push(resolve));
            return honest(request, call);
          });
          const trajectories = turns.map(async (count, id) => {
            const session = simulator.open(contextOf({ id, noise: 0 }));
            for (let at = 0; at < count; at++) {
              const { documents } = await session.search(`Person${id} ${at}`, { topK: 5 });
              expect(documents[1]?.text).toBe(`Answer${id} here`);
            }
          });
          const all = Promise.all(trajectories);
          let isOver = false;
          void all.then(() => {
            isOver = true;
          });
          while (!isOver) {
            open.splice((order.next().value ?? 0) % Math.max(1, open.length), 1)[0]?.();
            await turn();
          }
          await all;
          for (const prompt of model.prompts) {
            const [, id] = /Person(\d+) \d+$/u.exec(prompt) ?? [];
            expect(prompt).toContain(`|Who is Person${id}?|Answer${id}|`);
          }
          expect(model.requests).toHaveLength(turns.reduce((sum, count) => sum + count, 0));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Labels of many searches, in the order of their keys. */
async function labels(simulator: Simulator, noise: number, concurrency: number, isReversed = false): Promise<string[]> {
  const keys = Array.from({ length: 2000 }, (_, i) => ({ id: i % 100, sample: Math.floor(i / 100), noise }));
  const found = new Map<number, string>();
  const queue = [...keys.entries()];
  if (isReversed) queue.reverse();
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [at, key] = next;
      const { simulation } = await simulator.open(contextOf(key)).search(`Person${key.id} ${key.sample}`, { topK: 5 });
      found.set(at, simulation?.intent ?? "");
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return keys.map((_, at) => found.get(at) ?? "");
}

describe("noise", () => {
  test.each<SimulatorOptions>([{}, REFERENCE_BEHAVIOUR, { ...REFERENCE_BEHAVIOUR, sharedNoise: "group" }])(
    "is the same for any concurrency and order, and as much as planned: %j",
    async (options) => {
      const one = await labels(simulatorOf(honest, options).simulator, 0.4, 1);
      expect(await labels(simulatorOf(honest, options).simulator, 0.4, 64)).toEqual(one);
      expect(await labels(simulatorOf(honest, options).simulator, 0.4, 3, true)).toEqual(one);
      const independent = options.sharedNoise === "group" ? 100 : 2000;
      const share = one.filter((label) => label === "noisy").length / one.length;
      expect(Math.abs(share - 0.4)).toBeLessThan(3.29 * Math.sqrt((0.4 * 0.6) / independent));
    },
  );

  /** Labels of two turns, each with its own query, for each of three rollouts of a question. */
  const groupLabels = async (sharedNoise: "call" | "group", id: number) => {
    const { simulator } = simulatorOf(honest, { gate: noGate, consistentPages: false, sharedNoise });
    return Promise.all(
      [0, 1, 2].map(async (sample) => {
        const session = simulator.open(contextOf({ id, sample, noise: 0.5 }));
        const first = await session.search(`a${sample}`, { topK: 5 });
        const second = await session.search(`b${sample}`, { topK: 5 });
        return `${first.simulation?.intent} ${second.simulation?.intent}`;
      }),
    );
  };

  test("may be shared by a group, turn by turn; otherwise each call has its own", async () => {
    const ids = Array.from({ length: 40 }, (_, id) => id);
    const shared = await Promise.all(ids.map((id) => groupLabels("group", id)));
    for (const group of shared) expect(new Set(group).size).toBe(1);
    expect(new Set(shared.flat()).size).toBe(4); // all combinations of the two turns occur
    const own = await Promise.all(ids.map((id) => groupLabels("call", id)));
    expect(own.some((group) => new Set(group).size > 1)).toBe(true);
  });
});

describe("pages", () => {
  const search = (
    simulator: Simulator,
    query: string,
    change: Parameters<typeof contextOf>[0] = {},
    topK = 5,
  ): Promise<SearchResult> => simulator.open(contextOf({ noise: 0.5, ...change })).search(query, { topK });

  test("are the same for the same question and query within a step, across turns and rollouts", async () => {
    const { model, simulator } = simulatorOf();
    const session = simulator.open(contextOf({ noise: 0.5 }));
    const first = await session.search("Person1 job", { topK: 5 });
    const others = [
      await session.search(" Person1\n job ", { topK: 5 }),
      ...(await Promise.all([1, 2, 3].map((sample) => search(simulator, "Person1 job", { sample })))),
    ];
    for (const { documents, simulation } of others) {
      expect(documents).toEqual(first.documents);
      expect(simulation).toEqual({ ...first.simulation, isRepeated: true });
    }
    expect(model.requests).toHaveLength(1);
  });

  test("are others for another question, step or topK", async () => {
    const { model, simulator } = simulatorOf();
    await search(simulator, "Person");
    await search(simulator, "Person", { id: 2 });
    await search(simulator, "Person", { step: 2 });
    await search(simulator, "Person", {}, 3);
    expect(model.requests).toHaveLength(4);
    expect(new Set(model.requests.map(({ seed }) => seed)).size).toBe(3); // topK is in the prompt
  });

  test("are asked for with the same seed and words whoever asks first", async () => {
    const requests = await Promise.all(
      [0, 1].map(async (sample) => {
        const { model, simulator } = simulatorOf();
        await search(simulator, sample === 0 ? "Person1" : "  Person1 ", { sample });
        return model.requests.map(({ signal, ...request }: ChatRequest) => request);
      }),
    );
    expect(requests[0]).toEqual(requests[1]);
  });

  test("are drawn anew for each call in the reference's way", async () => {
    const { model, simulator } = simulatorOf(honest, REFERENCE_BEHAVIOUR);
    const session = simulator.open(contextOf());
    const results = [await session.search("x  y", { topK: 5 }), await session.search("x  y", { topK: 5 })];
    expect(results.map(({ simulation }) => simulation?.isRepeated)).toEqual([false, false]);
    expect(new Set(model.requests.map(({ seed }) => seed)).size).toBe(2);
    expect(model.prompts[0]).toContain("|x  y");
  });
});

describe("the gate", () => {
  test("withholds the truth from a query that names nothing of the question, with the noisy prompt by default", async () => {
    const { model, simulator } = simulatorOf();
    const { simulation } = await simulator.open(contextOf()).search("gili is in which country", { topK: 5 });
    expect(simulation).toMatchObject({ intent: "useful", isDeserved: false, holdsAnswer: false });
    expect(model.prompts[0]).toMatch(/^noisy/);
  });

  test("withholds it with the prompt's own variant where there is one, whatever the label", async () => {
    for (const noise of [0, 1]) {
      const { model, simulator } = simulatorOf(() => "Doc 1: a", {}, withholding);
      await simulator.open(contextOf({ noise })).search("gili", { topK: 5 });
      expect(model.prompts).toEqual(["? gili"]);
    }
  });

  test("sees the documents that this rollout was shown, and no other's", async () => {
    const seen: string[][] = [];
    const gate: Gate = ({ shown, query, question: { id } }) => {
      seen.push([id, query, ...shown.map(({ text }) => text)]);
      return true;
    };
    const { simulator } = simulatorOf(({ messages }) => `Doc 1: about ${messages.at(-1)?.content.split("|")[4]}`, {
      gate,
    });
    const [a, b] = [simulator.open(contextOf({ id: 1 })), simulator.open(contextOf({ id: 1, sample: 1 }))];
    await a.search("x", { topK: 5 });
    await b.search("y", { topK: 5 });
    await a.search("z", { topK: 5 });
    expect(seen).toEqual([
      ["q1", "x"],
      ["q1", "y"],
      ["q1", "z", "about x"],
    ]);
  });

  test("gives the same query two pages where one rollout deserves the truth and another does not", async () => {
    const { model, simulator } = simulatorOf(() => "Doc 1: Person1 lives in Oslo");
    const knowing = simulator.open(contextOf());
    await knowing.search("Person1", { topK: 5 });
    const told = await knowing.search("Oslo", { topK: 5 });
    const untold = await simulator.open(contextOf({ sample: 1 })).search("Oslo", { topK: 5 });
    expect([told, untold].map(({ simulation }) => simulation?.isDeserved)).toEqual([true, false]);
    expect(model.prompts.map((prompt) => prompt.split("|")[0])).toEqual(["useful", "useful", "noisy"]);
  });
});

describe("drawing again", () => {
  test("ends when the label holds, each time with another seed", async () => {
    const { model, simulator } = simulatorOf((_, call) => (call < 2 ? "Doc 1: no" : "Doc 1: Answer1"), { maxDraws: 5 });
    const { simulation } = await simulator.open(contextOf()).search("Person1", { topK: 5 });
    expect(simulation).toMatchObject({ draws: 3, holdsAnswer: true });
    expect(new Set(model.requests.map(({ seed }) => seed)).size).toBe(3);
  });

  test("ends after so many times, with the last page that could be read and its label as it is", async () => {
    const texts = ["Doc 1: a Answer1", "Doc 1: b Answer1", "nothing"];
    const { simulator } = simulatorOf((_, call) => texts[call] ?? "", { maxDraws: 3 });
    const { documents, simulation } = await simulator.open(contextOf({ noise: 1 })).search("Person1", { topK: 5 });
    expect(documents).toEqual([{ text: "b Answer1" }]);
    expect(simulation).toMatchObject({ intent: "noisy", draws: 3, holdsAnswer: true });
  });

  test("may rescue a page that could not be parsed, and fails as malformed when none can", async () => {
    const rescued = simulatorOf((_, call) => (call === 0 ? "nothing" : "Doc 1: Answer1"), { maxDraws: 2 });
    expect((await rescued.simulator.open(contextOf()).search("Person1", { topK: 5 })).documents).toHaveLength(1);
    const lost = simulatorOf(() => "nothing", { maxDraws: 2 });
    await expect(lost.simulator.open(contextOf()).search("Person1", { topK: 5 })).rejects.toBeInstanceOf(SearchError);
    expect(lost.model.requests).toHaveLength(2);
  });
});

test("its identity is plain data that names model, prompt and every option", async () => {
  const { model, simulator } = simulatorOf();
  expect(JSON.parse(JSON.stringify(simulator.identity))).toEqual({
    model: "scripted",
    prompt: { kind: "template", useful: expect.any(String), noisy: expect.any(String) },
    gate: "entityOverlapGate",
    temperature: 0.8,
    maxTokens: 600,
    consistentPages: true,
    maxDraws: 1,
    sharedNoise: "call",
  });
  await simulator.close();
  expect(model.isClosed).toBe(true);
});

test("a label is the keyed draw of its seed, step, question and query", async () => {
  const noise = keyedUniform([5, 1, "q1", "simulator", "noise", "page", "Person1"]);
  const intents = await Promise.all(
    [noise, noise - 1e-9].map(async (p) => {
      const { simulator } = simulatorOf();
      return (await simulator.open(contextOf({ noise: p })).search("Person1", { topK: 5 })).simulation?.intent;
    }),
  );
  expect(intents).toEqual(["noisy", "useful"]);
});

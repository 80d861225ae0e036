/**
 * A world small enough to be learned in seconds: cities have colours, and whoever searches for a city reads its colour.
 * The model that begins has seen how one searches and answers, but guesses more often than it searches.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Decoder,
  initialParameters,
  parseDecoderConfig,
  saveDecoder,
  type Tokenizer,
  tokenLogProbs,
  trainBpe,
} from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { parseConfig } from "../../core/config-overrides.ts";
import { completionBody, type LoopbackServer, loopbackServer, sendJson } from "../../core/testing/loopback-server.ts";
import { agentPrompt } from "../../data/agent-prompt.ts";
import { ANSWER_NOW, INVALID_ACTION, informationText } from "../../rollout/observation.ts";
import { FtsIndex } from "../../search/local/fts-index.ts";
import { gradientStep } from "../../update/gradient-step.ts";
import { AdamW } from "../../update/optimizer.ts";
import { choosingStates, type PolicyText, packRollouts } from "../../update/packed-rollouts.ts";
import { TokenBudget } from "../../update/token-budget.ts";
import { type TrainConfig, trainConfigSchema } from "../train-config.ts";

const COLOURS: Readonly<Record<string, string>> = {
  oslo: "red",
  lima: "blue",
  rome: "green",
  bern: "white",
  cairo: "black",
  quito: "pink",
};
const CITIES = Object.keys(COLOURS);
const PROMPT = "Question: {question}\n";
const questionOf = (city: string): string => `what colour is ${city}`;
const passageOf = (city: string): string => `${city} is ${COLOURS[city]}`;
const searched = (city: string): string => informationText(`Doc 1: ${passageOf(city)}`);

/** Files of the world. */
export interface ToyWorld {
  readonly model: string;
  readonly questions: string;
  /** For `engine: "local"`. */
  readonly index: string;
}

/** @param imitations  steps in which the model learns from examples before it is saved; without any it is random */
export async function writeToyWorld(folder: string, imitations = 60): Promise<ToyWorld> {
  const world = {
    model: join(folder, "base"),
    questions: join(folder, "questions.jsonl"),
    index: join(folder, "corpus.index"),
  };
  mkdirSync(folder, { recursive: true });
  const rows = CITIES.map((city) => ({
    id: city,
    question: questionOf(city),
    answers: [COLOURS[city]],
    source: "toy",
  }));
  writeFileSync(world.questions, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const passages = CITIES.map((city) => ({ id: city, text: passageOf(city) }));
  await (await FtsIndex.build(passages, { path: world.index })).close();
  const tokenizer = toyTokenizer();
  using decoder = toyDecoder(tokenizer.vocabularySize);
  imitate(decoder, examples(tokenizer), imitations);
  saveDecoder(world.model, decoder, { generation: { eos_token_id: tokenizer.eosId } });
  tokenizer.save(world.model);
  return world;
}

/** Words are tokens. */
function toyTokenizer(): Tokenizer {
  const texts = CITIES.flatMap((city) => [PROMPT, questionOf(city), searched(city), "<search> <answer> </answer>"]);
  return trainBpe({
    texts: [INVALID_ACTION, ANSWER_NOW, ...texts, ...texts],
    vocabularySize: 600,
    specialTokens: ["<|end|>"],
    eosToken: "<|end|>",
    splitPattern: " ?</?(?:search|answer|information)>| ?[^\\s<]+|\\s|<",
  });
}

function toyDecoder(vocabularySize: number): Decoder {
  const config = parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: vocabularySize,
      hidden_size: 32,
      intermediate_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      max_position_embeddings: 256,
      rms_norm_eps: 1e-6,
      tie_word_embeddings: true,
      initializer_range: 0.2,
    },
    "the toy world's config.json",
  );
  using generator = new Generator(0);
  return new Decoder(config, initialParameters(config, generator));
}

/** For each city one who looks it up, and for each colour one who guesses it. */
function examples(tokenizer: Tokenizer): PolicyText[] {
  const encode = (text: string): number[] => tokenizer.encode(text, { allowSpecial: false });
  return CITIES.flatMap((city) => {
    const asked = agentPrompt(questionOf(city), PROMPT);
    const lookedUp = [asked, `<search> ${city} </search>`, searched(city), `<answer> ${COLOURS[city]} </answer>`];
    const guessed = CITIES.map((other) => [asked, `<answer> ${COLOURS[other]} </answer>`]);
    return [lookedUp, ...guessed.slice(0, 3)];
  }).map((parts) => policyTextOf(parts.map(encode)));
}

/** Prompt, turn, observation, turn, … as tokens. */
function policyTextOf(parts: readonly (readonly number[])[]): PolicyText {
  const tokens = parts.flat();
  const isTurn = parts.flatMap((part, i) => part.map(() => i % 2 === 1));
  const positions = tokens.flatMap((_, position) => (isTurn[position] ? [position] : []));
  return {
    tokens,
    statePositions: positions.map((position) => position - 1),
    targets: positions.map((position) => tokens[position] ?? 0),
  };
}

function imitate(decoder: Decoder, texts: readonly PolicyText[], steps: number): void {
  using optimizer = new AdamW(decoder.parameters, { weightDecay: 0 });
  const numerics = decoder.numerics("fast");
  const rollouts = () => packRollouts(texts, numerics, "cpu");
  for (let step = 0; step < steps; step++) {
    gradientStep(
      optimizer,
      () => {
        const all = rollouts();
        const states = choosingStates(decoder, all);
        const logProbs = tokenLogProbs(states, decoder.outputWeights, all.targets, { numerics });
        return { loss: logProbs.mean().neg(), terms: {} };
      },
      {
        lengths: texts.map(({ tokens }) => tokens.length),
        budget: new TokenBudget(Number.POSITIVE_INFINITY),
        learningRate: 5e-3,
        maxGradientNorm: 1,
      },
    );
  }
}

/**
 * A chat server that simulates searching in the toy world: asked for useful documents it tells the colour of the city in
 * the query, asked for noisy ones another colour.
 */
export async function toySimulator(): Promise<LoopbackServer> {
  return await loopbackServer((response, { body }) => {
    const { messages } = body as { messages: readonly { content: string }[] };
    const [intent, query = ""] = (messages.at(-1)?.content ?? "").split(": ");
    const city = CITIES.find((name) => query.includes(name));
    const told = intent === "useful" ? city : CITIES[(CITIES.indexOf(city ?? "") + 1) % CITIES.length];
    const page = city === undefined ? "nothing is known" : `${city} is ${COLOURS[told ?? ""]}`;
    sendJson(response, completionBody(`Doc 1: ${page}`));
  });
}

/** What to search to be answered by {@link toySimulator}. */
export function simulatedSearch({ baseUrl }: LoopbackServer): object {
  const prompt = { useful: "useful: {query}", noisy: "noisy: {query}" };
  return { engine: "simulator", model: { kind: "endpoint", urls: [baseUrl] }, prompt, gate: "none" };
}

/** A run in the toy world. */
export function toyConfig(world: ToyWorld, changes: object = {}): TrainConfig {
  const value = {
    model: { path: world.model, prompt: PROMPT },
    data: { files: [world.questions] },
    search: { engine: "local", index: world.index },
    steps: 12,
    questionsPerStep: 6,
    groupSize: 8,
    limits: { maxTurns: 2, maxTurnTokens: 10, maxInvalid: 1, topK: 1, maxObservationTokens: 40, answerReserve: 10 },
    actor: { lr: 3e-3, weightDecay: 0 },
    critic: { lr: 3e-3, weightDecay: 0 },
    ...changes,
  };
  return parseConfig(trainConfigSchema, value, "the toy world's configuration");
}

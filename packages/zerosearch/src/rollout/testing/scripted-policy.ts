/**
 * A policy that plays texts instead of sampling: what it says is decided by a function, everything else behaves as the
 * engine does. It stops at stop strings in the decoded text, at stop ids and at maxTokens, and refuses what is too long.
 */
import type { GenerationResult, SampledToken, SamplingOptions, StopOptions, Tokenizer } from "@zerosearch/lm";
import type { Policy, PolicyGeneration, PolicyText } from "../policy.ts";

/** One call of `continue`, as the policy saw it. */
export interface ScriptedTurn {
  /** Everything read and written before, the new tokens included. */
  readonly tokens: readonly number[];
  /** The same, decoded. */
  readonly text: string;
  /** Counts the text's turns from 0. */
  readonly turn: number;
  readonly options: SamplingOptions & StopOptions;
}

/** What to say. A promise delays the turn until it is kept, and fails the generation when it is broken. */
export type Script = (turn: ScriptedTurn) => string | Promise<string>;

export interface ScriptedPolicyOptions {
  readonly contextLength?: number;
  readonly version?: number;
}

export class ScriptedPolicy implements Policy {
  readonly contextLength: number;
  version: number;
  /** Every call so far, in the order they came. */
  readonly turns: ScriptedTurn[] = [];
  /** Texts opened and not yet disposed of. */
  openTexts = 0;
  readonly #tokenizer: Pick<Tokenizer, "encode" | "decode">;
  readonly #script: Script;

  /** @param tokenizer  control tokens in scripts are control tokens */
  constructor(
    tokenizer: Pick<Tokenizer, "encode" | "decode">,
    script: Script,
    { contextLength = 2 ** 20, version = 0 }: ScriptedPolicyOptions = {},
  ) {
    this.contextLength = contextLength;
    this.version = version;
    this.#tokenizer = tokenizer;
    this.#script = script;
  }

  open(): PolicyText {
    const tokens: number[] = [];
    let turn = 0;
    let isRunning = false;
    this.openTexts++;
    return {
      continue: (added, options) => {
        if (isRunning) throw new RangeError("this text is being continued already");
        if (tokens.length + added.length + options.maxTokens > this.contextLength) {
          throw new RangeError(`${tokens.length + added.length} tokens and ${options.maxTokens} more are too many`);
        }
        tokens.push(...added);
        isRunning = true;
        const call = { tokens: [...tokens], text: this.#tokenizer.decode(tokens), turn: turn++, options };
        this.turns.push(call);
        return this.#generate(call, (sampled) => {
          isRunning = false;
          tokens.push(...sampled.map(({ id }) => id));
        });
      },
      dispose: () => {
        this.openTexts--;
      },
    };
  }

  #generate(call: ScriptedTurn, onEnd: (tokens: readonly SampledToken[]) => void): PolicyGeneration {
    let abort: () => void = () => {};
    const aborted = new Promise<undefined>((resolve) => {
      abort = () => resolve(undefined);
    });
    const play = async (): Promise<GenerationResult> => {
      const text = await Promise.race([(async () => this.#script(call))(), aborted]);
      const result =
        text === undefined ? { tokens: [], finishReason: { kind: "aborted" } as const } : this.#say(text, call);
      onEnd(result.tokens);
      return result;
    };
    const result = play();
    result.catch(() => {}); // heard by whoever waits for it
    return { result, abort };
  }

  #say(text: string, { options }: ScriptedTurn): GenerationResult {
    const { stopIds = [], stopStrings = [], maxTokens } = options;
    const tokens: SampledToken[] = [];
    const said: number[] = [];
    for (const id of this.#tokenizer.encode(text, { allowSpecial: true })) {
      said.push(id);
      tokens.push({ id, ...scriptedLogProbs(options.seed ?? 0, said.length) });
      if (stopIds.includes(id)) return { tokens, finishReason: { kind: "stop-id", id } };
      const soFar = this.#tokenizer.decode(said);
      const stop = stopStrings.find((each) => soFar.includes(each));
      if (stop !== undefined) return { tokens, finishReason: { kind: "stop-string", text: stop } };
      if (said.length === maxTokens) return { tokens, finishReason: { kind: "max-tokens" } };
    }
    throw new RangeError(`the script ended without a stop: ${JSON.stringify(text)}`);
  }
}

/** Numbers that differ from token to token and seed to seed, to be found again in trajectories. */
function scriptedLogProbs(seed: number, place: number): { logProb: number; fullLogProb: number } {
  const logProb = -((seed % 1009) + place / 7) / 1000;
  return { logProb, fullLogProb: logProb - 0.5 };
}

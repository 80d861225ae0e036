/** Rollouts without a model: scripted policies, engines that answer from a function, one token per character. */
import type { Question } from "../../core/question.ts";
import type { Document, SearchEngine, SearchOptions, SessionContext } from "../../search/search-engine.ts";
import { DEFAULT_ROLLOUT_LIMITS, type RolloutContext, type RolloutLimits } from "../rollout-context.ts";
import { characterTokenizer, END_ID } from "./character-tokenizer.ts";
import { type Script, ScriptedPolicy } from "./scripted-policy.ts";

export function questionOf(number: number): Question {
  return { id: `q${number}`, text: `question ${number}?`, answers: [`gold ${number}`], source: "test" };
}

/** Answers every query from a function and remembers who asked what. */
export class FakeEngine implements SearchEngine {
  readonly name = "fake";
  readonly identity = {};
  readonly asked: { readonly context: SessionContext; readonly query: string }[] = [];
  readonly #answer: (query: string, options: SearchOptions) => readonly Document[] | Promise<readonly Document[]>;

  constructor(
    answer: (query: string, options: SearchOptions) => readonly Document[] | Promise<readonly Document[]> = (query) => [
      { text: `about ${query}` },
    ],
  ) {
    this.#answer = answer;
  }

  open(context: SessionContext): ReturnType<SearchEngine["open"]> {
    return {
      search: async (query, options) => {
        this.asked.push({ context, query });
        return { documents: await this.#answer(query, options), source: this.name, latencyMs: 0 };
      },
    };
  }
}

export type SceneChanges = Partial<Omit<RolloutContext, "policy" | "limits">> & {
  readonly limits?: Partial<RolloutLimits>;
  readonly contextLength?: number;
};

/** A policy that plays a script, and a context to make rollouts with. */
export function scene(
  script: Script,
  { limits, contextLength, ...changes }: SceneChanges = {},
): { policy: ScriptedPolicy; context: RolloutContext } {
  const tokenizer = changes.tokenizer ?? characterTokenizer;
  const policy = new ScriptedPolicy(tokenizer, script, contextLength === undefined ? {} : { contextLength });
  const context: RolloutContext = {
    policy,
    search: new FakeEngine(),
    tokenizer,
    encodePrompt: ({ text }) => ({
      text: `Q: ${text}\n`,
      tokens: tokenizer.encode(`Q: ${text}\n`, { allowSpecial: true }),
    }),
    seed: 7,
    step: 3,
    sample: 0,
    noise: 0,
    sampling: { temperature: 0.5 },
    stopIds: [END_ID],
    ...changes,
    limits: { ...DEFAULT_ROLLOUT_LIMITS, ...limits },
  };
  return { policy, context };
}

/**
 * Turns for a model that knows no tags: the first token of a turn decides how long it is and whether it searches or
 * answers, and the decoder writes the tags accordingly. Everything else is as with a trained model: tokens are sampled,
 * text is decoded token by token, stop strings are looked for in it.
 */

/** A turn, tags included. */
const SHORTEST_TURN = 12;
const TURN_SPREAD = 25;
/** One turn in so many answers. */
const ANSWERS_ONE_IN = 3;

/** What becomes of a turn. */
export interface Plan {
  /** In tokens, tags included. */
  readonly length: number;
  readonly tag: "search" | "answer";
}

function variedPlan(firstId: number): Plan {
  return {
    length: SHORTEST_TURN + (firstId % TURN_SPREAD),
    tag: Math.floor(firstId / TURN_SPREAD) % ANSWERS_ONE_IN === 0 ? "answer" : "search",
  };
}

/** What an engine and a rollout need of a tokenizer. */
export class PlannedText {
  readonly #vocabularySize: number;
  readonly #planOf: (firstId: number) => Plan;

  /** @param planOf  by a turn's first token; by default some turns search, some answer, and their lengths vary */
  constructor(vocabularySize: number, planOf: (firstId: number) => Plan = variedPlan) {
    this.#vocabularySize = vocabularySize;
    this.#planOf = planOf;
  }

  streamingDecoder(): { push(id: number): string; flush(): string } {
    let plan: Plan | undefined;
    let count = 0;
    const push = (id: number): string => {
      plan ??= this.#planOf(id);
      count++;
      if (count === 1) return `<${plan.tag}>`;
      return count === plan.length ? `</${plan.tag}>` : ` w${id}`;
    };
    return { push, flush: () => "" };
  }

  decode(ids: Iterable<number>): string {
    const decoder = this.streamingDecoder();
    return Array.from(ids, (id) => decoder.push(id)).join("");
  }

  /** One token per word. */
  encode(text: string): number[] {
    return text.split(/\s+/u).map((word) => {
      let hash = 7;
      for (let i = 0; i < word.length; i++) hash = (hash * 31 + word.charCodeAt(i)) % this.#vocabularySize;
      return hash;
    });
  }
}

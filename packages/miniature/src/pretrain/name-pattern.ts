/**
 * A training text whose names are places. Each time it is learned from, other names are put there: what can be learned
 * is then only to look where a name stands, never the name. A model trained so reads names that it has never met.
 */
import type { Tokenizer } from "@zerosearch/lm";
import type { Example } from "@zerosearch/zerosearch";
import { capitalise, FIRST_SYLLABLES, SECOND_SYLLABLES } from "../world/names.ts";
import type { RandomStream } from "../world/random-stream.ts";

/** A piece of text that is tokenised by itself, as the rollout does it. */
export interface TextPart {
  readonly text: string;
  /** How much each of its tokens counts in the loss. */
  readonly weight: number;
}

/** Tokens, in which −1 − 2i and −2 − 2i are the two syllables of the i-th name. */
export interface NamePattern {
  readonly tokens: readonly number[];
  readonly weights: readonly number[];
  /** What stood in the places. */
  readonly names: readonly string[];
}

/** Turns texts into patterns and patterns into examples. */
export class NamePatterns {
  readonly #tokenizer: Tokenizer;
  readonly #syllables = new Map<number, { readonly place: 0 | 1; readonly text: string }>();
  readonly #names: readonly (readonly [number, number])[];

  /** @param names  those that may be put into the places */
  constructor(tokenizer: Tokenizer, names: readonly string[]) {
    this.#tokenizer = tokenizer;
    const note = (text: string, place: 0 | 1): void => {
      const [id = -1] = tokenizer.encode(text, { allowSpecial: false });
      this.#syllables.set(id, { place, text: text.trim() });
    };
    for (const syllable of FIRST_SYLLABLES) note(` ${capitalise(syllable)}`, 0);
    for (const syllable of SECOND_SYLLABLES) note(syllable, 1);
    this.#names = names.map((name) => {
      const [first, second, ...more] = tokenizer.encode(` ${name}`, { allowSpecial: false });
      if (first === undefined || second === undefined || more.length > 0) {
        throw new RangeError(`a name must be two tokens, ${name} is not`);
      }
      return [first, second] as const;
    });
  }

  /** @param endsText  whether the end-of-text token follows, with weight 1 */
  read(parts: readonly TextPart[], endsText = true): NamePattern {
    const tokens: number[] = [];
    const weights: number[] = [];
    for (const { text, weight } of parts) {
      for (const id of this.#tokenizer.encode(text, { allowSpecial: false })) {
        tokens.push(id);
        weights.push(weight);
      }
    }
    if (endsText) {
      tokens.push(this.#tokenizer.eosId ?? 0);
      weights.push(1);
    }
    return { tokens, weights, names: this.#openNames(tokens) };
  }

  /** Puts names, all different, into the places. */
  fill({ tokens, weights, names }: NamePattern, random: RandomStream): Example {
    const drawn = new Set<number>();
    while (drawn.size < names.length) drawn.add(random.below(this.#names.length));
    const syllables = [...drawn].flatMap((index) => this.#names[index] ?? []);
    return { tokens: tokens.map((token) => (token < 0 ? (syllables[-1 - token] ?? 0) : token)), weights };
  }

  /** Replaces the tokens of names by places; returns the names. */
  #openNames(tokens: number[]): string[] {
    const numbers = new Map<string, number>();
    for (const [at, token] of tokens.entries()) {
      const first = this.#syllables.get(token);
      const second = this.#syllables.get(tokens[at + 1] ?? -1);
      if (first?.place !== 0 || second?.place !== 1) continue;
      const name = first.text + second.text;
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      [tokens[at], tokens[at + 1]] = placesOf(number);
    }
    return [...numbers.keys()];
  }
}

/** The tokens that stand for a pattern's n-th name, from 0. */
export function placesOf(number: number): [number, number] {
  return [-1 - 2 * number, -2 - 2 * number];
}

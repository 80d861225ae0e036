/**
 * Which questions a step takes: every epoch is a shuffle of all of them, drawn from (seed, epoch), and none is dropped at
 * an epoch's end (defects D11 and D37 of the reference). Where it stands is a small JSON value.
 */
import { DataError } from "../core/errors.ts";
import { keyedShuffle } from "../core/keyed-random.ts";
import type { Question } from "../core/question.ts";

/** Where an order stands. */
export interface QuestionOrderState {
  /** From 0. */
  readonly epoch: number;
  /** Questions of the epoch that have been taken. */
  readonly position: number;
  /** Questions there are, so that a state is not continued with other data. */
  readonly size: number;
  /** Pairs of places that changed questions after the epoch's shuffle, in order. */
  readonly swaps: readonly (readonly [number, number])[];
}

/** Takes questions in turn, for ever. */
export class QuestionOrder {
  readonly #questions: readonly Question[];
  readonly #seed: number;
  #epoch = 0;
  #position = 0;
  #swaps: (readonly [number, number])[] = [];
  #order: Question[];

  /**
   * @param state  to continue from; by default the first epoch begins
   * @throws {DataError} there are no questions, or the state is none of this many questions
   */
  constructor(questions: readonly Question[], seed: number, state?: QuestionOrderState) {
    if (questions.length === 0) throw new DataError("an order needs at least one question, got none");
    this.#questions = questions;
    this.#seed = seed;
    if (state) {
      checkState(state, questions.length);
      this.#epoch = state.epoch;
      this.#position = state.position;
    }
    this.#order = this.#shuffle();
    for (const [a, b] of state?.swaps ?? []) this.#swap(a, b);
  }

  /**
   * The next questions, all different: where an epoch ends among them, one that was taken before its end comes later in
   * the next epoch.
   *
   * @throws {DataError} there are fewer
   */
  next(count: number): Question[] {
    if (!Number.isInteger(count) || count < 1 || count > this.#questions.length) {
      throw new DataError(
        `questions per step must be a whole number from 1 to the number of questions, ${this.#questions.length}; got ${count}`,
      );
    }
    const taken = this.#order.slice(this.#position, this.#position + count);
    this.#position += taken.length;
    if (this.#position === this.#order.length) {
      this.#beginEpoch(taken, count - taken.length);
      taken.push(...this.#order.slice(0, count - taken.length));
    }
    return taken;
  }

  state(): QuestionOrderState {
    return { epoch: this.#epoch, position: this.#position, size: this.#questions.length, swaps: [...this.#swaps] };
  }

  /** Shuffles anew and sees to it that the first `count` are none of `taken`. */
  #beginEpoch(taken: readonly Question[], count: number): void {
    this.#epoch++;
    this.#swaps = [];
    this.#order = this.#shuffle();
    this.#position = count;
    const isTaken = new Set(taken.map(({ id }) => id));
    let spare = count;
    for (let place = 0; place < count; place++) {
      if (!isTaken.has(this.#order[place]?.id ?? "")) continue;
      while (isTaken.has(this.#order[spare]?.id ?? "")) spare++;
      this.#swap(place, spare++);
    }
  }

  #shuffle(): Question[] {
    return keyedShuffle(this.#questions, [this.#seed, "question-order", this.#epoch]);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#order[a], this.#order[b]];
    if (!first || !second) throw new Error(`internal: places ${a} and ${b} of ${this.#order.length} questions`);
    this.#order[a] = second;
    this.#order[b] = first;
    this.#swaps.push([a, b]);
  }
}

function checkState({ epoch, position, size, swaps }: QuestionOrderState, length: number): void {
  if (size !== length) {
    throw new DataError(
      `the run stopped in the middle of ${size} questions and is continued with ${length}. Continue with the same data.`,
    );
  }
  const isPlace = (place: number) => Number.isInteger(place) && place >= 0 && place < length;
  if (!Number.isInteger(epoch) || epoch < 0 || !isPlace(position) || !swaps.flat().every(isPlace)) {
    throw new DataError(`${JSON.stringify({ epoch, position })} is no state of an order of ${length} questions`);
  }
}

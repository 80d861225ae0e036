import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { QuestionOrder } from "./question-order.ts";

const questions = (count: number): Question[] =>
  Array.from({ length: count }, (_, index) => ({ id: `q${index}`, text: "?", answers: ["!"], source: "test" }));

const ids = (taken: readonly Question[]) => taken.map(({ id }) => id);

test("every epoch holds every question once, the last ones too, whatever the step's size (D11, D37)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (size, step, seed) => {
      fc.pre(step <= size);
      const order = new QuestionOrder(questions(size), seed);
      const taken = Array.from({ length: 3 * size }, () => order.next(step)).flat();
      for (let epoch = 0; epoch < 3; epoch++) {
        expect(new Set(ids(taken.slice(epoch * size, (epoch + 1) * size))).size).toBe(size);
      }
    }),
  );
});

test("a step never holds a question twice, also where an epoch ends in it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer(), (size, step, seed) => {
      fc.pre(step <= size);
      const order = new QuestionOrder(questions(size), seed);
      for (let index = 0; index < 30; index++) expect(new Set(ids(order.next(step))).size).toBe(step);
    }),
  );
});

test("an order that is continued from its state, through JSON, goes on as if it had never stopped", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer(), (size, step, seed) => {
      fc.pre(step <= size);
      const whole = new QuestionOrder(questions(size), seed);
      let stopping = new QuestionOrder(questions(size), seed);
      for (let index = 0; index < 20; index++) {
        expect(ids(stopping.next(step))).toEqual(ids(whole.next(step)));
        stopping = new QuestionOrder(questions(size), seed, JSON.parse(JSON.stringify(stopping.state())));
      }
    }),
  );
});

test("epochs and seeds differ in order", () => {
  const order = new QuestionOrder(questions(50), 1);
  const [first, second] = [ids(order.next(50)), ids(order.next(50))];
  const other = ids(new QuestionOrder(questions(50), 2).next(50));
  expect(first).not.toEqual(second);
  expect(first).not.toEqual(other);
  expect(ids(new QuestionOrder(questions(50), 1).next(50))).toEqual(first);
});

test("the state of a new order is where it begins, and stays small", () => {
  const order = new QuestionOrder(questions(10), 5);
  expect(order.state()).toEqual({ epoch: 0, position: 0, size: 10, swaps: [] });
  order.next(10);
  expect(order.state()).toEqual({ epoch: 1, position: 0, size: 10, swaps: [] });
});

test("what can't be an order is refused", () => {
  const five = questions(5);
  const state = { epoch: 0, position: 1, size: 5, swaps: [] };
  expect(() => new QuestionOrder([], 1)).toThrow(DataError);
  expect(() => new QuestionOrder(five, 1, { ...state, size: 6 })).toThrow(/6 questions and is continued with 5/);
  expect(() => new QuestionOrder(five, 1, { ...state, position: 5 })).toThrow(DataError);
  expect(() => new QuestionOrder(five, 1, { ...state, epoch: -1 })).toThrow(DataError);
  expect(() => new QuestionOrder(five, 1, { ...state, swaps: [[0, 9]] })).toThrow(DataError);
  for (const count of [0, 6, 1.5])
    expect(() => new QuestionOrder(five, 1).next(count)).toThrow(/number of questions, 5/);
});

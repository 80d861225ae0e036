import { expect, test } from "vitest";
import { RequestError } from "../errors.ts";
import { resolveSampling, type SamplingOptions, validateRequest } from "./request.ts";

test.each<[options: SamplingOptions, message: string]>([
  [{ temperature: 1e-40 }, "temperature must be 0 or a finite number ≥ 0.000001, got 1e-40"],
  [{ temperature: 9e-7 }, "temperature must be 0 or a finite number ≥ 0.000001, got 9e-7"],
  [{ temperature: -1 }, "temperature must be 0 or a finite number ≥ 0.000001, got -1"],
  [{ temperature: Number.NaN }, "temperature must be 0 or a finite number ≥ 0.000001, got NaN"],
  [{ temperature: Number.POSITIVE_INFINITY }, "temperature must be 0 or a finite number ≥ 0.000001, got Infinity"],
  [{ repetitionPenalty: 9e-4 }, "repetitionPenalty must be in [0.001, 1000], got 0.0009"],
  [{ repetitionPenalty: 1001 }, "repetitionPenalty must be in [0.001, 1000], got 1001"],
  [{ repetitionPenalty: Number.NaN }, "repetitionPenalty must be in [0.001, 1000], got NaN"],
])("%j is refused: %s", (options, message) => {
  expect(() => resolveSampling(options)).toThrow(new RequestError(message));
});

test.each([0, 1e-6, 1, 100])("temperature %d is taken as it is", (temperature) => {
  expect(resolveSampling({ temperature }).temperature).toBe(temperature);
});

test.each([1e-3, 1, 1e3])("a repetition penalty of %d is taken as it is", (repetitionPenalty) => {
  expect(resolveSampling({ repetitionPenalty }).repetitionPenalty).toBe(repetitionPenalty);
});

test.each([-1, 160, 1.5, Number.NaN])("a stop id of %d is refused by a model of 160 tokens", (id) => {
  const request = { prompt: [1], maxTokens: 1, stopIds: [159, id] };
  const message = `stopIds must be integers in [0, 160), got ${id}`;
  expect(() => validateRequest(request, 160)).toThrow(new RequestError(message));
});

test("the first and the last token of a vocabulary may stop a text", () => {
  expect(() => validateRequest({ prompt: [1], maxTokens: 1, stopIds: [0, 159] }, 160)).not.toThrow();
});

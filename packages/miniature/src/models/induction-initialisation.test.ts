import { Decoder, initialParameters, type Parameters } from "@zerosearch/lm";
import { Generator, liveTensorCount, setThreads } from "@zerosearch/torch";
import { AdamW, fineTuneStep } from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { RandomStream } from "../world/random-stream.ts";
import { decoderConfig, POLICY_SIZE } from "./configs.ts";
import { inductionParameters } from "./induction-initialisation.ts";

setThreads(1);

const config = decoderConfig(POLICY_SIZE, 200);

/** How well repetitions are foreseen, as a loss, after a little training on sequences that are said twice. */
function lossOfRepetition(parameters: Parameters): number {
  using decoder = new Decoder(config, parameters).requireGrad();
  using optimizer = new AdamW(decoder.parameters, { beta2: 0.98 });
  const random = new RandomStream(["repetitions"]);
  const options = { learningRate: 4e-3, maxGradientNorm: 1, numerics: decoder.numerics("fast") };
  let loss = 0;
  for (let step = 0; step < 70; step++) {
    const batch = Array.from({ length: 16 }, () => {
      const once = Array.from({ length: 12 }, () => random.below(config.vocabularySize));
      return { tokens: [...once, ...once], weights: [...once.map(() => 0), 0, ...once.slice(1).map(() => 1)] };
    });
    ({ loss } = fineTuneStep(decoder, optimizer, batch, options));
  }
  return loss;
}

test("after seconds of training it copies what it has never seen, which other weights do not", () => {
  using generator = new Generator(1);
  expect(lossOfRepetition(inductionParameters(config, generator))).toBeLessThan(1);
  expect(lossOfRepetition(initialParameters(config, generator))).toBeGreaterThan(4); // chance: ln 200 = 5.3
});

test("the same seed gives the same parameters, and nothing but them is left in memory", () => {
  using generator = new Generator(2);
  const before = liveTensorCount();
  const first = inductionParameters(config, generator);
  expect(liveTensorCount()).toBe(before + first.size);
  using again = new Generator(2);
  const second = inductionParameters(config, again);
  expect([...first].filter(([name, tensor]) => second.get(name)?.equal(tensor) !== true)).toEqual([]);
  for (const tensor of [...first.values(), ...second.values()]) tensor.dispose();
});

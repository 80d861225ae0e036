/** What exact numerics protect from: element-wise loops that end with leftover elements, which rows of 63 numbers leave. */
import { setThreads } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { Engine } from "./engine.ts";
import { uniform } from "./uniform.ts";

setThreads(1);

test.each(["exact", "fast"] as const)(
  "in %s numerics, a request alone and the same among 63 others",
  async (numerics) => {
    using decoder = tinyDecoder(0, { intermediate_size: 63 });
    using engine = new Engine(decoder, { numerics });
    const request = (number: number) => ({
      prompt: Array.from({ length: 1 + Math.floor(40 * uniform(number, 0)) }, (_, i) =>
        Math.floor(160 * uniform(number, 1 + i)),
      ),
      maxTokens: 24,
      seed: number,
    });
    const alone = await engine.add(request(3)).result;
    const crowd = Array.from({ length: 63 }, (_, i) => engine.add(request(100 + i)).result);
    const among = await engine.add(request(3)).result;
    await Promise.all(crowd);
    const logProbs = [alone, among].map(({ tokens }) => tokens.map(({ logProb }) => logProb));
    const largest = Math.max(
      ...alone.tokens.map(({ logProb }, i) => Math.abs(logProb - (among.tokens[i]?.logProb ?? 0))),
    );
    if (numerics === "exact") expect(logProbs[0]).toEqual(logProbs[1]);
    else {
      expect(logProbs[0]).not.toEqual(logProbs[1]);
      expect(largest).toBeLessThan(1e-4);
    }
  },
);

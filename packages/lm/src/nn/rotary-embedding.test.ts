import { liveTensorCount, setThreads, tensor, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { rotaryFrequencies, rotationAt } from "./rotary-embedding.ts";

setThreads(1);

test.each([8, 16, 32, 64])(
  "heads of %i: a token's rotation is the same to the bit alone and among others",
  (headSize) => {
    const before = liveTensorCount();
    const frequencies = rotaryFrequencies({ theta: 10_000, scaling: { kind: "none" } }, headSize);
    tidy(() => {
      const positions = Array.from({ length: 400 }, (_, i) => BigInt(i));
      const all = rotationAt(tensor(positions), frequencies);
      for (const [i, position] of positions.entries()) {
        const alone = rotationAt(tensor([position]), frequencies);
        expect(alone.cos.equal(all.cos.narrow(0, i, 1))).toBe(true);
        expect(alone.signedSin.equal(all.signedSin.narrow(0, i, 1))).toBe(true);
      }
    });
    expect(liveTensorCount()).toBe(before);
  },
);

test("angles are position times frequency, the sine's sign that of its half", () => {
  tidy(() => {
    const { cos, signedSin } = rotationAt(
      tensor([3n]),
      rotaryFrequencies({ theta: 100, scaling: { kind: "none" } }, 4),
    );
    const angles = [3, 0.3, 3, 0.3];
    for (const [i, angle] of angles.entries()) {
      expect(cos.flatten().toNumbers()[i]).toBeCloseTo(Math.cos(angle), 6);
      expect(signedSin.flatten().toNumbers()[i]).toBeCloseTo(i < 2 ? -Math.sin(angle) : Math.sin(angle), 6);
    }
  });
});

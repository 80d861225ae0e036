import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StopText } from "./stop-text.ts";

/** The pieces that come out, one for each that goes in, and what the end lets go. */
function run(stops: readonly string[], pieces: readonly string[]): string[] {
  const text = new StopText(stops);
  return [...pieces.map((piece) => text.push(piece)), text.end()];
}

describe("a stop string", () => {
  test("is held back while it may still be coming, and let go when it does not", () => {
    expect(run(["</s>"], ["a<", "/", "s", " b"])).toEqual(["a", "", "", "</s b", ""]);
  });

  test("cuts the text where it begins, in the middle of a piece too", () => {
    expect(run(["</s>"], ["a</", "s>b", "c"])).toEqual(["a", "", "", ""]);
    expect(run(["ell"], ["hello"])).toEqual(["h", ""]);
  });

  test("that never completes is text in the end", () => {
    expect(run(["</s>"], ["a</s"])).toEqual(["a", "</s"]);
  });

  test("of several the one that begins first counts", () => {
    expect(run(["cd", "bcd"], ["abcd"])).toEqual(["a", ""]);
  });

  test("may span hidden text, which counts for the search and is not shown", () => {
    const text = new StopText(["a<E>b"]);
    expect([text.push("xa"), text.push("<E>", false), text.push("c")]).toEqual(["x", "", "ac"]);
    const other = new StopText(["a<E>b"]);
    expect([other.push("xa"), other.push("<E>", false), other.push("b"), other.isCut]).toEqual(["x", "", "", true]);
  });
});

test("however a text is cut into pieces, what is shown is what precedes the first stop string, at no time more", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "<"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), fc.array(letters, { maxLength: 3 }), (pieces, strings) => {
      const stops = strings.filter((stop) => stop !== "");
      const whole = pieces.join("");
      const places = stops.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0);
      const expected = places.length === 0 ? whole : whole.slice(0, Math.min(...places));
      // The engine stops at the piece that completes a stop string: among pieces that complete several, the earliest counts.
      const stopText = new StopText(stops);
      let [shown, fed] = ["", ""];
      for (const piece of pieces) {
        fed += piece;
        shown += stopText.push(piece);
        if (stopText.isCut) break;
      }
      if (!stopText.isCut) shown += stopText.end();
      expect(stopText.isCut).toBe(places.length > 0);
      const seen = stops.map((stop) => fed.indexOf(stop)).filter((at) => at >= 0);
      expect(shown).toBe(seen.length === 0 ? whole : whole.slice(0, Math.min(...seen)));
      if (stops.length <= 1) expect(shown).toBe(expected);
    }),
  );
});

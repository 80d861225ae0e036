import { expect, test } from "vitest";
import { tokenSequence } from "./policy-tokens.ts";
import { rollout } from "./rollout.ts";
import { ATTACK_DOCUMENTS } from "./testing/attack-documents.ts";
import { END_ID } from "./testing/character-tokenizer.ts";
import { FakeEngine, questionOf, scene } from "./testing/rollout-scene.ts";
import type { Trajectory } from "./trajectory.ts";

const LINES = ["<search>who</search>", "hm<|im_end|>", "<search>more</search>", "<answer>Alice</answer>"];

function play(title: string, text: string): Promise<Trajectory> {
  const search = new FakeEngine(() => [{ title, text }, { text: "harmless" }]);
  return rollout(questionOf(1), scene(({ turn }) => LINES[turn] ?? "", { search }).context);
}

/** Kinds, causes and actions; and the runs of the mask, whatever the observations' lengths. */
function structureOf(trajectory: Trajectory): unknown {
  const segments = trajectory.segments.map((segment) => {
    if (segment.kind === "action") return { action: segment.action, tokens: segment.tokens };
    return segment.kind === "prompt" ? "prompt" : segment.cause;
  });
  const mask = tokenSequence(trajectory).isPolicyToken.map(Number).join("").replaceAll(/0+/g, "0");
  return { segments, mask, answer: trajectory.answer, stopReason: trajectory.stopReason };
}

test("there are at least 25 attacks", () => {
  expect(ATTACK_DOCUMENTS.length).toBeGreaterThanOrEqual(25);
});

test.each(ATTACK_DOCUMENTS.map((attack) => [attack.slice(0, 60), attack]))(
  "%j in title or text changes neither actions, mask, end nor answer (D19)",
  async (_, attack) => {
    const harmless = structureOf(await play("title", "text"));
    for (const trajectory of [await play("title", attack), await play(attack, "text"), await play(attack, attack)]) {
      expect(structureOf(trajectory)).toEqual(harmless);
      expect(trajectory.answer).toBe("Alice");
      for (const segment of trajectory.segments) {
        if (segment.kind !== "observation" || segment.cause !== "search") continue;
        expect(segment.text.match(/<\/?(?:think|search|information|answer)>/giu)).toEqual([
          "<information>",
          "</information>",
        ]);
        expect(segment.text.trim().split("\n")).toHaveLength(segment.shownDocuments ?? 0);
        expect(segment.tokens).not.toContain(END_ID);
        expect(segment.tokens.length).toBeLessThanOrEqual(2048);
      }
    }
  },
);

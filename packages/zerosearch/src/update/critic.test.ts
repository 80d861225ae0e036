import { fromTypedArray, liveTensorCount, setThreads, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { Critic } from "./critic.ts";
import { evaluateTokens } from "./evaluate-tokens.ts";
import { sampleRollouts, tinyDecoder } from "./testing/bandit.ts";
import { TokenBudget } from "./token-budget.ts";

setThreads(1);

const options = {
  temperature: 1,
  oldLogProbs: "recorded",
  numerics: "fast",
  checksRecorded: false,
} as const;

function randomHead(critic: Critic): void {
  tidy(() => {
    const weight = critic.parameters.get("score.weight");
    weight?.copy_(
      fromTypedArray(
        Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)),
        [1, 16],
      ),
    );
    critic.parameters.get("score.bias")?.fill_(0.5);
  });
}

test("a critic copies the policy: changing one leaves the other as it was, and all is freed", () => {
  const before = liveTensorCount();
  const policy = tinyDecoder();
  const critic = new Critic(policy);
  policy.embeddings.fill_(0);
  expect(tidy(() => critic.decoder.embeddings.abs().sum().item())).toBeGreaterThan(0);
  critic.dispose();
  policy.dispose();
  expect(liveTensorCount()).toBe(before);
});

test("a critic saved and restored says the same; names are those of a token classifier", () => {
  using policy = tinyDecoder();
  using critic = new Critic(policy);
  randomHead(critic);
  const scored = sampleRollouts(policy, { questions: 2, groupSize: 2, step: 0 });
  const valuesOf = (of: Critic): number[][] =>
    evaluateTokens({ policy, critic: of }, scored, { ...options, budget: new TokenBudget(30) }).trajectories.map(
      ({ values }) => [...(values ?? [])],
    );
  const values = valuesOf(critic);
  expect(new Set(values.flat()).size).toBeGreaterThan(6);
  expect(critic.tensors().map(([name]) => name)).toContain("score.weight");
  expect(critic.tensors().map(([name]) => name)).toContain("model.layers.1.self_attn.q_proj.weight");
  using other = tinyDecoder(9);
  using restored = new Critic(other);
  restored.restore(new Map(critic.tensors()));
  expect(valuesOf(restored)).toEqual(values);
});

test("tensors of another model are refused and nothing is changed", () => {
  using policy = tinyDecoder();
  using critic = new Critic(policy);
  const saved = new Map(critic.tensors());
  saved.delete("score.bias");
  expect(() => critic.restore(saved)).toThrow("score.bias must have shape [1], the checkpoint has none");
});

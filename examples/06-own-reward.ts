/** A reward of your own: a function of the trajectory. This one pays for right answers, less for those that cost much. */
import * as zs from "@zerosearch/zerosearch";

const SEARCH_COST = 0.1;

/** Word F1, less a tenth for every search after the first; measures become columns of the metrics. */
const thriftyReward: zs.Reward = (trajectory) => {
  const searches = zs.searchesOf(trajectory).length;
  const { reward: f1 } = zs.f1Reward(trajectory);
  const cost = f1 > 0 ? SEARCH_COST * Math.max(0, searches - 1) : 0;
  return { reward: Math.max(0, f1 - cost), measures: { f1, searches, tokens: zs.policyTokenCount(trajectory) } };
};

const question = {
  id: "1",
  text: "Who wrote Faust?",
  answers: ["Johann Wolfgang von Goethe", "Goethe"],
  source: "example",
};
const result = { documents: [{ text: "Faust is a play by Goethe." }], source: "example", latencyMs: 0 };

/** A finished rollout, written by hand; of what was not answered there is a reason. */
function finished(searches: number, answer: string | null, stopReason: zs.StopReason = "answered"): zs.Trajectory {
  const write = (text: string): zs.Segment => {
    const tokens = [...text].map((character) => character.codePointAt(0) ?? 0);
    const logProbs = tokens.map(() => -1);
    const action = zs.parseAction(text);
    return { kind: "action", tokens, logProbs, fullLogProbs: logProbs, text, action, generationMs: 0 };
  };
  const read: zs.Segment = { kind: "observation", cause: "search", tokens: [], text: "", result };
  return {
    question,
    key: { seed: 0, step: 0, questionId: "1", sample: 0 },
    segments: [
      { kind: "prompt", tokens: [], text: question.text },
      ...Array.from({ length: searches }, () => [write("<search>Faust</search>"), read]).flat(),
      ...(answer === null ? [] : [write(`<answer>${answer}</answer>`)]),
    ],
    ...{ stopReason, answer, policyVersion: 0, lastPolicyVersion: 0, totalMs: 0, searchMs: 0 },
  };
}

const trajectories = [
  finished(1, "Goethe"),
  finished(3, "Goethe"),
  finished(1, "Goethe or Schiller"),
  finished(0, "Schiller"),
  finished(5, null, "turn-limit"),
  finished(1, null, "search-failed"),
];
const { scored, failed } = await zs.scoreTrajectories(trajectories, thriftyReward);
for (const { trajectory, score } of scored) {
  const { searches } = score.measures;
  console.log(`${searches} searches, ${trajectory.answer ?? trajectory.stopReason}: ${score.reward.toFixed(2)}`);
}
console.log(`${failed.length} failed: not scored`);

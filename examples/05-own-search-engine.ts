/** A search engine of your own: one function. Retries, cache and everything that rollouts need are put around it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zs from "@zerosearch/zerosearch";

const TERMS = new Map([
  ["Trajectory", "One rollout: what the policy read and wrote, as tokens."],
  ["Policy", "The language model that is trained. It writes every trajectory's actions."],
  ["Simulator", "A language model that plays the search engine while the policy is trained."],
]);
let calls = 0;

/** Finds terms by the words of their definitions. Its first call fails, as networks do. */
const glossary: zs.QueryEngine = {
  name: "glossary",
  identity: { terms: TERMS.size },
  async search(query, { topK, signal }) {
    calls++;
    if (signal?.aborted) throw new zs.SearchError("glossary: the search was aborted.", { kind: "aborted" });
    if (calls === 1) throw new zs.SearchError("glossary: nobody answers.", { kind: "unreachable" });
    const words = query.toLowerCase().match(/\w+/g) ?? [];
    const score = (text: string): number => words.filter((word) => text.toLowerCase().includes(word)).length;
    const found = [...TERMS].map(([title, text]) => ({ title, text, score: score(`${title} ${text}`) }));
    return found
      .filter((document) => document.score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, topK);
  },
};

const folder = mkdtempSync(join(tmpdir(), "zerosearch-glossary-"));
const engine = zs.searchEngineOf(zs.withCache(zs.withRetry(glossary, { firstPauseMs: 1 }), { folder }));
const question = { id: "1", text: "What plays the search engine?", answers: ["the simulator"], source: "example" };

// A rollout opens one session; a real engine is told queries and never the question or its answers.
const session = engine.open({ question, key: { seed: 0, step: 0, questionId: "1", sample: 0 }, noise: 0 });
for (const query of ["search engine model", "search engine model", "recipe for goulash"]) {
  const { documents } = await session.search(query, { topK: 2 });
  console.log(
    `after ${calls} calls, for "${query}":${zs.informationText(zs.formatDocuments(documents).text).trimEnd()}`,
  );
}
rmSync(folder, { recursive: true });

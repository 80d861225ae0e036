/**
 * Whether a simulated page is what it was meant to be. The reference trusts its simulator (defect D36); a page meant to
 * be noisy that holds the answer teaches the policy to ask anything.
 */
import { normalizeAnswer } from "../../core/normalize-answer.ts";
import type { Document, SimulationRecord } from "../search-engine.ts";

/**
 * Whether any of the answers stands in a document, as whole words, both normalised as the rewards do (§5.2). An answer
 * of which nothing is left then, such as "The", stands nowhere. That "yes" stands in a page says little.
 */
export function holdsAnswer(documents: readonly Document[], answers: readonly string[]): boolean {
  const golden = answers.map((answer) => normalizeAnswer(answer)).filter((answer) => answer !== "");
  return documents.some(({ title = "", text }) => {
    const words = ` ${normalizeAnswer(`${title} ${text}`)} `;
    return golden.some((answer) => words.includes(` ${answer} `));
  });
}

/** A useful page must hold an answer; a noisy one must not, nor one from which the truth was withheld. */
export function isLabelKept(record: Pick<SimulationRecord, "intent" | "isDeserved" | "holdsAnswer">): boolean {
  return record.holdsAnswer === (record.isDeserved && record.intent === "useful");
}

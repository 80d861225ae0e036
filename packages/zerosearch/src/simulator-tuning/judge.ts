/** Who says whether a page is useful. */
import type { Intent } from "../search/search-engine.ts";
import { holdsAnswer } from "../search/simulator/label-check.ts";
import type { CollectedSearch } from "./collected-search.ts";

/** Why there is no label: the judge's words hold no verdict, or its model refused this page. */
export const VERDICT_FAILURES = ["unparsable", "cut-off", "rejected", "malformed"] as const;

type VerdictFailure = (typeof VERDICT_FAILURES)[number];

/** The label, or none and why. */
export type Verdict =
  | { readonly label: Intent }
  | { readonly label: null; readonly failure: { readonly kind: VerdictFailure; readonly message: string } };

export interface Judge {
  /** Plain data that says which judge it is. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** @throws {ChatModelError} it can judge no page: nobody answers, or the key is refused */
  judge(search: CollectedSearch, signal?: AbortSignal): Promise<Verdict>;
}

/** Useful is what holds an accepted answer, both normalised as the rewards do. It needs no model and sees no paraphrase. */
export const containmentJudge: Judge = {
  identity: { kind: "containment" },
  judge: async ({ documents, answers }) => ({ label: holdsAnswer(documents, answers) ? "useful" : "noisy" }),
};

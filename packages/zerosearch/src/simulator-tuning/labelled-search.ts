/** Searches with the judge's verdict on their pages. */
import { z } from "zod";
import { type CollectedSearch, collectedSearchSchema } from "./collected-search.ts";
import { VERDICT_FAILURES, type Verdict } from "./judge.ts";

export type LabelledSearch = CollectedSearch &
  Verdict & {
    /** Which judge it was. */
    readonly judge: Readonly<Record<string, unknown>>;
  };

const verdictSchema: z.ZodType<Verdict> = z.union([
  z.object({ label: z.enum(["useful", "noisy"]) }),
  z.object({ label: z.null(), failure: z.object({ kind: z.enum(VERDICT_FAILURES), message: z.string() }) }),
]);

export const labelledSearchSchema: z.ZodType<LabelledSearch> = z.intersection(
  z.intersection(collectedSearchSchema, verdictSchema),
  z.object({ judge: z.record(z.string(), z.unknown()).default({}) }),
);

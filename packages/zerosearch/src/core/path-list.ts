/** Files as configurations name them. */
import { z } from "zod";

const path = z.string().min(1);

/** A list, or a single one as the command line gives it. */
export const pathListSchema: z.ZodType<readonly string[]> = z.union([
  z.array(path).min(1),
  path.transform((only) => [only]),
]);

/** Where lines of JSON are written; what reads them knows them by the name's ending. */
export const linesPathSchema: z.ZodType<string> = z.string().endsWith(".jsonl", "must end in .jsonl");

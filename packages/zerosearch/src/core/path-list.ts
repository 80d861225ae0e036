/** Files as a configuration names them: a list, or a single one as the command line gives it. */
import { z } from "zod";

const path = z.string().min(1);

export const pathListSchema: z.ZodType<readonly string[]> = z.union([
  z.array(path).min(1),
  path.transform((only) => [only]),
]);

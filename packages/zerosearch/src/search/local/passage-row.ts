/** A row of a corpus as people store it, and the passage it stands for. */
import { z } from "zod";
import { splitContents } from "../wikipedia/contents.ts";
import type { Passage } from "./passage.ts";

const row = z.object({
  id: z.union([z.string(), z.number(), z.bigint()]).nullish(),
  title: z.string().nullish(),
  text: z.string().nullish(),
  contents: z.string().nullish(),
});

/** The columns that are looked at. */
export const PASSAGE_COLUMNS: readonly string[] = Object.keys(row.shape);

/**
 * Reads `{id, title, text}` or Search-R1's `{id, contents}`; a row without an id is called by its number.
 *
 * @throws {Error} it is neither, or has no text; the message says what is wrong, not where
 */
export function passageOf(value: unknown, number: number): Passage {
  const parsed = row.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/gu, " "));
  const { id, title, text, contents } = parsed.data;
  if (typeof text !== "string" && typeof contents !== "string") {
    throw new Error('it has neither "text" nor "contents"');
  }
  const titled = typeof text === "string" ? { text } : splitContents(contents ?? "");
  if (titled.text.trim() === "") throw new Error("its text is empty");
  const passage = { ...titled, id: String(id ?? number) };
  return title ? { ...passage, title } : passage;
}

/**
 * `contents`, the one string that Search-R1's corpus and retriever give for a passage: the title in quotation marks, a
 * line break, the text (§8.4).
 */

export interface TitledText {
  readonly title?: string;
  readonly text: string;
}

/** Contents of one line are text without a title. */
export function splitContents(contents: string): TitledText {
  const end = contents.indexOf("\n");
  if (end < 0) return { text: contents.trim() };
  const title = contents
    .slice(0, end)
    .trim()
    .replace(/^"(.*)"$/u, "$1");
  const text = contents.slice(end + 1).trim();
  return title === "" ? { text } : { title, text };
}

/** Text of several lines keeps its first by standing under an empty title. */
export function joinContents({ title, text }: TitledText): string {
  return title === undefined && !text.includes("\n") ? text : `"${title ?? ""}"\n${text}`;
}

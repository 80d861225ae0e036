/**
 * The simulator's text as documents. The cut is the reference's (§2.6); unlike it, text that holds no document is a
 * failure (defect D36) instead of a search result.
 */
import { SearchError } from "../../core/errors.ts";
import type { Document } from "../search-engine.ts";

/** `Doc 1: …`, also as models vary it: `Document 1. …`, `**Doc 1:** …`, `- doc: …`, `Doc 1(Title: …`, `Doc 1` alone. */
const NAMED_START = /^[\s>*#-]*doc(?:ument)?\s*\d*\s*(?:[:.)–—-][\s*]*|\*+[:.)]?[\s*]*|(?=\(title:)|$)/iu;
/** `1. …`, `2) …`, `3: …`: looked for where no line names a document. */
const NUMBERED_START = /^[\s>*#-]*\d+\s*[:.)][\s*]+/u;

/**
 * A document begins on a line that starts with `Doc` and, as a rule, a number and a colon; the number itself is not
 * looked at. Lines up to the next such line belong to it. What comes before the first is no document, and an empty
 * document is left out. If no line begins so, lines that begin with a number do.
 *
 * @returns 1 to `topK` documents, each one line
 * @throws {SearchError} malformed: there is no document in the text
 */
export function parseDocuments(text: string, topK: number): Document[] {
  const lines = cutAfter(text, topK).split(/\r\n?|\n/u);
  const start = [NAMED_START, NUMBERED_START].find((pattern) => lines.some((line) => pattern.test(line)));
  const documents: string[][] = [];
  for (const line of start ? lines : []) {
    if (start?.test(line)) documents.push([line.replace(start, "")]);
    else documents.at(-1)?.push(line);
  }
  const texts = documents.map(joined).filter((document) => document !== "");
  if (texts.length > 0) return texts.slice(0, topK).map((document) => ({ text: document }));
  const seen = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  const message = `The simulator wrote ${seen}, expected lines that begin with "Doc 1:": check its prompt and chat template.`;
  throw new SearchError(message, { kind: "malformed" });
}

/** What stands before the first mention of document topK + 1, empty lines closed up once. */
export function cutAfter(text: string, topK: number): string {
  const closed = text.replaceAll("\n\n", "\n");
  const end = closed.indexOf(`Doc ${topK + 1}`);
  return end < 0 ? closed : closed.slice(0, end);
}

function joined(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

/**
 * Search results as the policy reads them: one line per document, `Doc {i}: …` (§8, §2.5). Title and text are separate
 * (defect D35), what came from outside is neutralised (D19), and documents are left out whole, so that the tags around
 * them always stand (D18).
 */
import { neutralize, shorten } from "./neutralize.ts";
import type { Document } from "./search-engine.ts";

/** What the policy reads where a search succeeded and found nothing. A search that failed is never told so. */
export const NO_INFORMATION = "No information available";

export interface FormatOptions {
  /**
   * `zerosearch`: `Doc 1: (Title: Danube) The river …`, or `Doc 1: The river …` without a title. `search-r1`, which
   * Search-R1's models were trained on: `Doc 1(Title: Danube) The river …`.
   */
  readonly layout?: "zerosearch" | "search-r1";
  /** The room for all documents together. Without it, all are shown. */
  readonly budget?: DocumentBudget;
}

export interface DocumentBudget {
  readonly maxTokens: number;
  /** Counts a text's tokens; to include the tags, count them around it here. */
  readonly countTokens: (text: string) => number;
}

export interface FormattedDocuments {
  readonly text: string;
  /** How many documents stand in the text; the ones after them had no room. */
  readonly shownCount: number;
  /** Only the first was shown, and not all of it: it alone exceeded the budget. */
  readonly isShortened: boolean;
}

/**
 * Documents that don't fit are dropped from the end. The first is never dropped but shortened, since "nothing found"
 * would be untrue.
 *
 * @param documents  from a search that succeeded, best first
 * @throws {RangeError} not even one word of the first document fits into the budget
 */
export function formatDocuments(documents: readonly Document[], options: FormatOptions = {}): FormattedDocuments {
  const { layout = "zerosearch", budget } = options;
  const contents = documents.map((document) => content(document)).filter(({ title, text }) => title + text !== "");
  const lines = contents.map((parts, at) => documentLine(at + 1, parts, layout));
  const [first] = lines;
  if (first === undefined) return { text: NO_INFORMATION, shownCount: 0, isShortened: false };
  if (budget === undefined) return { text: lines.join("\n"), shownCount: lines.length, isShortened: false };
  let text = first;
  if (budget.countTokens(text) > budget.maxTokens) {
    return { text: shortenToBudget(text, budget), shownCount: 1, isShortened: true };
  }
  let shownCount = 1;
  for (const line of lines.slice(1)) {
    const longer = `${text}\n${line}`;
    if (budget.countTokens(longer) > budget.maxTokens) break;
    text = longer;
    shownCount++;
  }
  return { text, shownCount, isShortened: false };
}

interface Content {
  readonly title: string;
  readonly text: string;
}

const MAX_TITLE_CHARACTERS = 300;

function content({ title, text }: Document): Content {
  return { title: neutralize(title ?? "", MAX_TITLE_CHARACTERS), text: neutralize(text) };
}

function documentLine(number: number, { title, text }: Content, layout: "zerosearch" | "search-r1"): string {
  if (layout === "search-r1") return `Doc ${number}(Title: ${title}) ${text}`;
  return `Doc ${number}: ${title === "" ? text : `(Title: ${title}) ${text}`}`.trimEnd();
}

/** The longest beginning that fits, found by halving: counting tokens costs, and longer texts have more of them. */
function shortenToBudget(line: string, { maxTokens, countTokens }: DocumentBudget): string {
  const prefix = /^Doc 1(?:: |\()/u.exec(line)?.[0] ?? "";
  let fits = 0;
  let exceeds = line.length;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (countTokens(shorten(line, middle)) <= maxTokens) fits = middle;
    else exceeds = middle;
  }
  const shortened = shorten(line, fits);
  if (shortened.length <= prefix.length + 2) {
    throw new RangeError(`No document fits into ${maxTokens} tokens: give search results more room.`);
  }
  return shortened;
}

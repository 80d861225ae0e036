/**
 * Makes text from outside harmless to the protocol (defect D19): whatever a document says, it can't close the
 * information block, speak as the model, start another document or end the turn. It stays readable: the brackets of a
 * tag become parentheses, invisible characters go, every kind of line break becomes a space. Nothing else is touched,
 * and doing it twice changes nothing.
 */

/** Characters a document is cut to by default: more than any passage or snippet has. */
const MAX_DOCUMENT_CHARACTERS = 4000;

const ELLIPSIS = " …";

/** What has no look of its own: zero-width, bidirectional controls, soft hyphens, tag characters, variation selectors. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
/** Spaces, line and paragraph breaks of any script, C0 and C1 controls. */
const BLANK = /[\p{White_Space}\p{Cc}]+/gu;

/** The trajectory's own tags, closed by `>` or not, in any case and spacing. */
const PROTOCOL_TAG = /<( ?\/? ?(?:think|search|information|answer)(?![\p{L}\p{N}_])[^<>]*)(>?)/giu;
/** Tags that tokenizers and chat templates read as control tokens. */
const CONTROL_TAG =
  /<{1,2}( ?\/? ?(?:s|unk|pad|bos|eos|mask|sys|start_of_turn|end_of_turn|tool_call|tool_response|tools) ?)>{1,2}/giu;
/** `<|im_start|>` and its kin; DeepSeek's use U+FF5C. */
const BAR_OPENING = /< ?(?=[|\uFF5C])/gu;
const BAR_CLOSING = /(?<=[|\uFF5C]) ?>/gu;
/** Mistral's and Llama 2's. */
const BRACKET_TAG =
  /\[( ?\/? ?(?:inst|system_prompt|available_tools|tool_calls|tool_results|tool_content|prefix|suffix|middle) ?)\]/giu;

/**
 * @param text           anything
 * @param maxCharacters  the longest result, in UTF-16 units; a longer text ends with " …" after a whole word
 * @returns one line, trimmed, well-formed Unicode
 */
export function neutralize(text: string, maxCharacters: number = MAX_DOCUMENT_CHARACTERS): string {
  const line = wellFormed(text).replaceAll(INVISIBLE, "").replaceAll(BLANK, " ").trim();
  const harmless = line
    .replaceAll(PROTOCOL_TAG, (_, inside: string, end: string) => `(${inside}${end && ")"}`)
    .replaceAll(CONTROL_TAG, "($1)")
    .replaceAll(BAR_OPENING, "(")
    .replaceAll(BAR_CLOSING, ")")
    .replaceAll(BRACKET_TAG, "($1)");
  return shorten(harmless, maxCharacters);
}

/** Cuts a line after a whole word, if there is one, and says so by " …". */
export function shorten(line: string, maxCharacters: number): string {
  if (line.length <= maxCharacters) return line;
  const kept = line.slice(0, Math.max(0, maxCharacters - ELLIPSIS.length));
  const lastSpace = kept.lastIndexOf(" ");
  const isWordWhole = line[kept.length] === " ";
  const words = isWordWhole || lastSpace <= 0 ? kept : kept.slice(0, lastSpace);
  return `${words.replace(/[\uD800-\uDBFF]$/u, "").trimEnd()}${ELLIPSIS}`.trimStart().slice(0, maxCharacters);
}

/** Half a surrogate pair becomes U+FFFD; `String.prototype.toWellFormed` is not in ES2023's library. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

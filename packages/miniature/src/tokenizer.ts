/**
 * The miniature's tokenizer: an ordinary byte-level tokenizer.json whose vocabulary is known beforehand, so that nothing
 * has to be learned by merges. Text is cut into words, syllables of names, and the fixed texts of the protocol; each of
 * these is one token (`ignore_merges`), and whatever is not among them is spelled in bytes. A name is two tokens, which
 * is what lets a model copy names that it has never seen.
 */
import { type ByteLevelVocabulary, byteLevelTokenizer, type Tokenizer, trainBpe } from "@zerosearch/lm";
import { ANSWER_NOW, INVALID_ACTION, NO_INFORMATION } from "@zerosearch/zerosearch";
import { AGENT_PROMPT, SIMULATOR_PROMPTS, THOUGHTS, TOP_K } from "./recipe.ts";
import { capitalise, FIRST_SYLLABLES, SECOND_SYLLABLES } from "./world/names.ts";
import { COMPOSITIONS, DISTRACTORS, RELATIONS } from "./world/relations.ts";

/** Ends a text. */
export const END_OF_TEXT = "<|endoftext|>";

/** What the protocol puts between texts, one token each. */
const PROTOCOL: readonly string[] = [
  "<think>",
  " </think>",
  " <search>",
  " </search>",
  "\n\n<information>",
  "</information>\n\n",
  " <answer>",
  " </answer>",
  INVALID_ACTION,
  ANSWER_NOW,
  NO_INFORMATION,
  ...Array.from({ length: TOP_K }, (_, i) => [`Doc ${i + 1}:`, `\nDoc ${i + 1}:`]).flat(),
];

/** A name's first syllable is cut off where the second follows; what is left of the name is a word of its own. */
const FIRST_SYLLABLE = ` ?[A-Z][aeiou](?=[a-z][aeiou](?![A-Za-z]))`;

const PIECES = `${PROTOCOL.map(escapeForRegExp).sort(longestFirst).join("|")}|${FIRST_SYLLABLE}| ?[A-Za-z]+:?| ?[0-9]+| ?[^\\sA-Za-z0-9]|\\s`;

/** The tokenizer, as a model folder of the miniature holds it. */
export function makeTokenizer(): Tokenizer {
  const bytes = trainBpe({ texts: [], vocabularySize: 256, specialTokens: [] });
  const inByteLetters = (piece: string): string =>
    bytes
      .encode(piece, { allowSpecial: false })
      .map((id) => bytes.tokenOf(id) ?? "")
      .join("");
  const letters = Array.from({ length: 256 }, (_, id) => bytes.tokenOf(id) ?? "");
  const tokens = [...new Set([...letters, ...vocabularyPieces().map(inByteLetters)])];
  const vocabulary: ByteLevelVocabulary = {
    tokens,
    merges: [],
    ignoreMerges: true,
    specialTokens: [END_OF_TEXT],
    splitPattern: PIECES,
    eosToken: END_OF_TEXT,
    padToken: END_OF_TEXT,
  };
  return byteLevelTokenizer(vocabulary, "the miniature's tokenizer");
}

/** Every piece that the world's templates and prompts are made of, and the syllables of all names. */
function vocabularyPieces(): string[] {
  const relations = Object.values(RELATIONS);
  const texts = [
    ...relations.flatMap(({ statements, queries, questions }) => [...statements, ...queries, ...questions]),
    ...COMPOSITIONS.flatMap(({ questions }) => questions),
    ...Object.values(DISTRACTORS).flat(),
    ...Object.values(THOUGHTS),
    ...Object.values(SIMULATOR_PROMPTS),
    AGENT_PROMPT,
  ];
  // Templates stand after a space wherever they are used; only prompts begin a text.
  const prompts = new Set<string>([...Object.values(SIMULATOR_PROMPTS), AGENT_PROMPT]);
  const pieces = texts.flatMap((text) => cut(`${prompts.has(text) ? "" : " "}${text.replace(/ ?\{[a-z]+\}/g, "")}`));
  return [
    ...PROTOCOL,
    ...new Set(pieces),
    ...FIRST_SYLLABLES.map((syllable) => ` ${capitalise(syllable)}`),
    ...SECOND_SYLLABLES,
  ];
}

/** As the tokenizer itself cuts. */
function cut(text: string): string[] {
  return text.match(new RegExp(PIECES, "g")) ?? [];
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("\n", "\\n");
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

/** One token per character, and `<|im_end|>`: token counts can be done by hand. */
import type { Tokenizer } from "@zerosearch/lm";

const END = "<|im_end|>";

/** Above every character. */
export const END_ID = 0x11_0000;

export const characterTokenizer: Pick<Tokenizer, "encode" | "decode"> = {
  encode: (text, { allowSpecial }) =>
    (allowSpecial ? text.split(END) : [text]).flatMap((part, i) => [
      ...(i > 0 ? [END_ID] : []),
      ...Array.from(part, (character) => character.codePointAt(0) ?? 0),
    ]),
  decode: (ids) => Array.from(ids, (id) => (id === END_ID ? END : String.fromCodePoint(id))).join(""),
};

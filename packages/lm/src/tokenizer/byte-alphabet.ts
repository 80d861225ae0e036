/**
 * The letters by which byte-level tokenizers write bytes: printable bytes of Latin-1 stand for themselves, the others
 * are numbered from U+0100 on. As in GPT-2's encoder.py (bytes_to_unicode).
 */

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

const LETTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (isPrintable(byte)) return String.fromCharCode(byte);
  const hiddenBefore = Array.from({ length: byte }, (_unused, other) => other).filter((other) => !isPrintable(other));
  return String.fromCharCode(0x100 + hiddenBefore.length);
});

const BYTES: ReadonlyMap<string, number> = new Map(LETTERS.map((letter, byte) => [letter, byte]));

/** The byte that a letter stands for; undefined for letters outside the alphabet. */
export function byteOfLetter(letter: string): number | undefined {
  return BYTES.get(letter);
}

/** The 256 letters in the order of their code points, in which trained vocabularies begin. */
export function byteLetters(): string[] {
  return [...LETTERS].sort();
}

/**
 * The names of everything in the world: two syllables each, such as "Bafu". No name means anything, so nothing about an
 * entity can be known but from documents; and as the syllables of training and test names are the same, a model that
 * reads can spell names that it has never seen.
 */
import { RandomStream } from "./random-stream.ts";

const CONSONANTS = [..."bdfghjklmnprstvz"];
const VOWELS = [..."aeiou"];

const SYLLABLES_PER_PLACE = 35;

const SYLLABLES: readonly string[] = new RandomStream(["miniature", "syllables"]).shuffle(
  CONSONANTS.flatMap((consonant) => VOWELS.map((vowel) => consonant + vowel)),
);

/** What names begin with, in small letters; no second syllable is among them. */
export const FIRST_SYLLABLES: readonly string[] = SYLLABLES.slice(0, SYLLABLES_PER_PLACE);

/** What names end with. */
export const SECOND_SYLLABLES: readonly string[] = SYLLABLES.slice(SYLLABLES_PER_PLACE, 2 * SYLLABLES_PER_PLACE);

/** A name, anywhere in a text. No English word of the world has this form. */
const NAME = new RegExp(`\\b[${CONSONANTS.join("").toUpperCase()}][aeiou][${CONSONANTS.join("")}][aeiou]\\b`, "g");

/** The names in a text, each once, in the order of their first occurrence. */
export function namesIn(text: string): string[] {
  return [...new Set(text.match(NAME))];
}

/** All names there are, in a fixed, shuffled order. */
export function allNames(): string[] {
  const names = FIRST_SYLLABLES.flatMap((first) => SECOND_SYLLABLES.map((second) => capitalise(first) + second));
  return new RandomStream(["miniature", "names"]).shuffle(names);
}

export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * The text that a client gets: everything before the first stop string, and while it streams nothing that may yet turn
 * out to be the beginning of one. The engine ends with the token that completes a stop string and keeps it; OpenAI's
 * API leaves the string out.
 *
 * Stop strings are looked for in the whole text, control tokens included, as the engine does; control tokens are not
 * shown.
 */

/** Cuts growing text at the first stop string. Offsets count UTF-16 units of the whole text, hidden parts included. */
export class StopText {
  readonly #stops: readonly string[];
  /** What is not decided yet, in order. */
  #pending: { readonly text: string; readonly isVisible: boolean }[] = [];
  #decided = 0;
  #cutAt: number | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** How far it is certain what is shown. After a cut: where the text ends. */
  get decided(): number {
    return this.#decided;
  }

  /** The whole text's length so far, undecided text included. */
  get length(): number {
    return this.#decided + this.#pendingText().length;
  }

  /** Whether a stop string was found: nothing is shown from there on. */
  get isCut(): boolean {
    return this.#cutAt !== undefined;
  }

  /** Adds text; returns what of all text became certain to be shown. */
  push(text: string, isVisible = true): string {
    if (this.isCut || text === "") return "";
    this.#pending.push({ text, isVisible });
    const whole = this.#pendingText();
    const cut = earliest(whole, this.#stops);
    if (cut === undefined) return this.#take(whole.length - longestBeginning(whole, this.#stops));
    const shown = this.#take(cut);
    this.#cutAt = this.#decided;
    this.#pending = [];
    return shown;
  }

  /** Nothing comes any more: what was held back was no stop string. */
  end(): string {
    return this.#take(this.#pendingText().length);
  }

  #pendingText(): string {
    return this.#pending.map(({ text }) => text).join("");
  }

  #take(count: number): string {
    let [shown, left] = ["", count];
    while (left > 0) {
      const part = this.#pending.shift();
      if (!part) break;
      const { text, isVisible } = part;
      if (isVisible) shown += text.slice(0, left);
      if (text.length > left) this.#pending.unshift({ text: text.slice(left), isVisible });
      left -= Math.min(left, text.length);
    }
    this.#decided += count;
    return shown;
  }
}

/** Where the first of the strings begins. */
function earliest(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** How many characters at the end of the text may begin one of the strings. */
function longestBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** What a simulator did over many searches: was there as much noise as planned, and did the labels hold? */
import { wilsonInterval } from "../../core/statistics.ts";
import type { SearchResult } from "../search-engine.ts";

/** A share of `count` cases, with Wilson's interval of 95 %; share and interval are absent where there was no case. */
export interface Share {
  readonly count: number;
  readonly share?: number;
  readonly low?: number;
  readonly high?: number;
}

export interface SimulationSummary {
  /** Searches that gave documents. */
  readonly results: number;
  /** Of them, pages that had been made before. They count in no share below. */
  readonly repeated: number;
  /** Mean of the probabilities that the labels were drawn with. */
  readonly scheduledNoise?: number;
  /** Pages whose label is noisy. With draws shared by a group the cases depend on each other: the interval is too narrow. */
  readonly realisedNoise: Share;
  /** Useful pages that were told the truth and hold an answer. */
  readonly hitRate: Share;
  /** Noisy pages of deserving queries that hold an answer all the same. */
  readonly leakRate: Share;
  /** Pages from which the truth was withheld and that hold an answer. */
  readonly undeservedLeakRate: Share;
  readonly undeserved: number;
  /** Draws beyond each page's first, made because the label did not hold. */
  readonly redraws: number;
  /** Searches that failed because nothing could be parsed. */
  readonly malformed: number;
  readonly documentsPerPage?: number;
  readonly charactersPerDocument?: number;
}

/** Collects results as they come; any order gives the same summary. */
export class SimulationStatistics {
  #results = 0;
  #repeated = 0;
  #scheduled = 0;
  #malformed = 0;
  #redraws = 0;
  #documents = 0;
  #characters = 0;
  readonly #noisy = new Tally();
  readonly #hits = new Tally();
  readonly #leaks = new Tally();
  readonly #undeservedLeaks = new Tally();

  /**
   * @param result  of a real engine, it is ignored
   * @param noise   the probability with which its label was drawn
   */
  add({ documents, simulation }: SearchResult, noise: number): void {
    if (!simulation) return;
    this.#results++;
    if (simulation.isRepeated) {
      this.#repeated++;
      return;
    }
    this.#scheduled += noise;
    this.#redraws += simulation.draws - 1;
    this.#documents += documents.length;
    for (const { text } of documents) this.#characters += text.length;
    const isNoisy = simulation.intent === "noisy";
    this.#noisy.add(isNoisy);
    const tally = simulation.isDeserved ? (isNoisy ? this.#leaks : this.#hits) : this.#undeservedLeaks;
    tally.add(simulation.holdsAnswer);
  }

  addMalformed(): void {
    this.#malformed++;
  }

  summary(): SimulationSummary {
    const pages = this.#noisy.count;
    return {
      results: this.#results,
      repeated: this.#repeated,
      realisedNoise: this.#noisy.share(),
      hitRate: this.#hits.share(),
      leakRate: this.#leaks.share(),
      undeservedLeakRate: this.#undeservedLeaks.share(),
      undeserved: this.#undeservedLeaks.count,
      redraws: this.#redraws,
      malformed: this.#malformed,
      ...(pages > 0 && { scheduledNoise: this.#scheduled / pages, documentsPerPage: this.#documents / pages }),
      ...(this.#documents > 0 && { charactersPerDocument: this.#characters / this.#documents }),
    };
  }
}

class Tally {
  count = 0;
  #yes = 0;

  add(isYes: boolean): void {
    this.count++;
    if (isYes) this.#yes++;
  }

  share(): Share {
    return shareOf(this.#yes, this.count);
  }
}

/** A share and its score interval (Wilson 1927), which stays in [0, 1] and is right near its ends too. */
export function shareOf(yes: number, count: number): Share {
  if (count === 0) return { count };
  const { value, low, high } = wilsonInterval(yes, count);
  return { count, share: value, low, high };
}

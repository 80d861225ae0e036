/**
 * Pages that stay the same within a step: whoever asks the same gets the same, as from a real engine. Without it a
 * policy asks three times and answers whatever did not change, which no real engine would tell it.
 */

/** What pages belong to. Pages of another seed or step are others. */
export interface PageScope {
  readonly seed: number;
  readonly step: number;
}

export interface StoredPage<Page> {
  readonly page: Page;
  /** Somebody asked for it before. */
  readonly isRepeated: boolean;
}

/** Scopes whose pages are kept: rollouts of a few steps, and an evaluation, may be under way at once. */
const DEFAULT_MAX_SCOPES = 4;

/** One making of a page, and how many wait for it. */
interface Entry<Page> {
  readonly page: Promise<Page>;
  readonly controller: AbortController;
  waiting: number;
  isMade: boolean;
}

export class ConsistentPages<Page> {
  readonly #maxScopes: number;
  /** The one used last stands last. */
  readonly #scopes = new Map<string, Map<string, Entry<Page>>>();

  constructor(maxScopes: number = DEFAULT_MAX_SCOPES) {
    this.#maxScopes = maxScopes;
  }

  /** Pages held, of all scopes. */
  get size(): number {
    return [...this.#scopes.values()].reduce((sum, pages) => sum + pages.size, 0);
  }

  /**
   * The page under a key, made at most once however many ask at once. A failure reaches all who wait for it and is
   * forgotten. Making is aborted once nobody waits any more.
   *
   * @throws what `make` throws; the signal's reason, if it is aborted while waiting
   */
  async get(
    scope: PageScope,
    key: string,
    make: (signal: AbortSignal) => Promise<Page>,
    signal?: AbortSignal,
  ): Promise<StoredPage<Page>> {
    const pages = this.#pagesOf(scope);
    const known = pages.get(key);
    const entry = known ?? begin(make);
    if (!known) {
      pages.set(key, entry);
      const forget = (): void => {
        if (pages.get(key) === entry) pages.delete(key);
      };
      entry.page.catch(forget);
      entry.controller.signal.addEventListener("abort", forget, { once: true });
    }
    return { page: await wait(entry, signal), isRepeated: known !== undefined };
  }

  #pagesOf({ seed, step }: PageScope): Map<string, Entry<Page>> {
    const name = `${seed} ${step}`;
    const pages = this.#scopes.get(name) ?? new Map<string, Entry<Page>>();
    this.#scopes.delete(name);
    this.#scopes.set(name, pages);
    for (const oldest of this.#scopes.keys()) {
      if (this.#scopes.size <= this.#maxScopes) break;
      this.#scopes.delete(oldest);
    }
    return pages;
  }
}

function begin<Page>(make: (signal: AbortSignal) => Promise<Page>): Entry<Page> {
  const controller = new AbortController();
  const page = make(controller.signal);
  const entry = { page, controller, waiting: 0, isMade: false };
  const settled = (): void => {
    entry.isMade = true;
  };
  page.then(settled, settled);
  return entry;
}

async function wait<Page>(entry: Entry<Page>, signal: AbortSignal | undefined): Promise<Page> {
  if (!signal) {
    entry.waiting++;
    return entry.page;
  }
  let giveUp = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(signal.reason);
      entry.waiting--;
      if (entry.waiting === 0 && !entry.isMade) entry.controller.abort(signal.reason);
    };
  });
  entry.waiting++;
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([entry.page, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

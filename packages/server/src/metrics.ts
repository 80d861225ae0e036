/** What the server counts, in the text format of Prometheus. */

/** Upper bounds of the duration histogram, in seconds. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Values that others hold, read at the moment of asking. */
export interface Gauges {
  /** Sequences in the batch. */
  readonly running: number;
  /** Sequences that wait for a slot. */
  readonly waiting: number;
}

/** Counters of one server. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #buckets: number[] = BUCKETS.map(() => 0);
  #seconds = 0;
  #requestCount = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #aborted = 0;

  /** @param route  the pattern, not the path: a label must not grow with what clients invent */
  countRequest(route: string, status: number, seconds: number): void {
    const labels = `route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#requestCount++;
    this.#seconds += seconds;
    for (const [i, bound] of BUCKETS.entries()) if (seconds <= bound) this.#buckets[i] = (this.#buckets[i] ?? 0) + 1;
  }

  countPrompt(tokens: number): void {
    this.#promptTokens += tokens;
  }

  countCompletion(tokens: number, isAborted: boolean): void {
    this.#completionTokens += tokens;
    if (isAborted) this.#aborted++;
  }

  /** The page that Prometheus reads. */
  page({ running, waiting }: Gauges): string {
    const histogram = "zerosearch_request_duration_seconds";
    const lines = [
      ...heading("zerosearch_requests_total", "counter", "Requests answered, by route and status."),
      ...[...this.#requests].map(([labels, count]) => `zerosearch_requests_total{${labels}} ${count}`),
      ...heading(histogram, "histogram", "Seconds from a request to the end of its answer."),
      ...BUCKETS.map((bound, i) => `${histogram}_bucket{le="${bound}"} ${this.#buckets[i]}`),
      `${histogram}_bucket{le="+Inf"} ${this.#requestCount}`,
      `${histogram}_sum ${this.#seconds}`,
      `${histogram}_count ${this.#requestCount}`,
      ...single("zerosearch_prompt_tokens_total", "counter", "Tokens of prompts.", this.#promptTokens),
      ...single("zerosearch_completion_tokens_total", "counter", "Tokens generated.", this.#completionTokens),
      ...single("zerosearch_aborted_sequences_total", "counter", "Texts given up before their end.", this.#aborted),
      ...single("zerosearch_running_sequences", "gauge", "Texts in the batch.", running),
      ...single("zerosearch_waiting_sequences", "gauge", "Texts that wait for a slot.", waiting),
    ];
    return `${lines.join("\n")}\n`;
  }
}

function heading(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function single(name: string, type: string, help: string, value: number): string[] {
  return [...heading(name, type, help), `${name} ${value}`];
}

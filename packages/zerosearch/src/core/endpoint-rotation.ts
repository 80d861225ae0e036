/**
 * Several servers that can do the same: taken in turn, and left alone while they are ill. One that fails several times
 * in a row, or asks to be left alone, rests; after its rest it is tried like the others (defect D20 of the reference: a
 * dead server stayed in the draw).
 */
import type { Clock } from "./clock.ts";

export interface RotationOptions {
  /** Failures in a row after which an endpoint rests. */
  readonly failuresBeforeRest: number;
  /** How long it then rests. */
  readonly restMs: number;
  readonly clock: Clock;
}

interface Health {
  readonly url: string;
  failuresInARow: number;
  restsUntil: number;
  lastFailure: string | undefined;
}

export class EndpointRotation {
  readonly #endpoints: readonly Health[];
  readonly #options: RotationOptions;
  #next = 0;

  constructor(urls: readonly string[], options: RotationOptions) {
    this.#endpoints = urls.map((url) => ({ url, failuresInARow: 0, restsUntil: 0, lastFailure: undefined }));
    this.#options = options;
  }

  /** The next endpoint in turn; undefined while all rest. */
  take(): string | undefined {
    const now = this.#options.clock.now();
    for (let offset = 0; offset < this.#endpoints.length; offset++) {
      const index = (this.#next + offset) % this.#endpoints.length;
      const endpoint = this.#endpoints[index];
      if (endpoint && endpoint.restsUntil <= now) {
        this.#next = index + 1;
        return endpoint.url;
      }
    }
    return undefined;
  }

  /** How long until one can be taken: 0 if one can be taken now. */
  get waitMs(): number {
    const earliest = Math.min(...this.#endpoints.map(({ restsUntil }) => restsUntil));
    return Math.max(0, earliest - this.#options.clock.now());
  }

  succeeded(url: string): void {
    const endpoint = this.#find(url);
    endpoint.failuresInARow = 0;
    endpoint.lastFailure = undefined;
  }

  /**
   * @param reason  for the message when all rest
   * @param retryAfterMs  what the endpoint asked for: it rests for as long, whatever its record
   */
  failed(url: string, reason: string, retryAfterMs: number | undefined): void {
    const { clock, failuresBeforeRest, restMs } = this.#options;
    const endpoint = this.#find(url);
    endpoint.failuresInARow++;
    endpoint.lastFailure = reason;
    const rests = endpoint.failuresInARow >= failuresBeforeRest ? restMs : 0;
    endpoint.restsUntil = Math.max(endpoint.restsUntil, clock.now() + Math.max(rests, retryAfterMs ?? 0));
  }

  /** Each endpoint and why it rests, for messages. */
  describe(): string {
    return this.#endpoints.map(({ url, lastFailure }) => `${url} (${lastFailure ?? "well"})`).join(", ");
  }

  #find(url: string): Health {
    const endpoint = this.#endpoints.find((candidate) => candidate.url === url);
    if (!endpoint) throw new Error(`internal: ${url} is no endpoint of this rotation`);
    return endpoint;
  }
}

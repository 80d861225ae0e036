/** An HTTP server on this machine that answers as a test tells it to, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answerer = (response: ServerResponse, request: ReceivedRequest) => void;

/** Serves until it is disposed of; open connections are cut then. */
export class LoopbackServer implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  /** Set to change what is answered from now on. */
  answer: Answerer;
  readonly #server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { method = "", url = "/", headers } = incoming;
    const request = { method, url: new URL(url, "http://loopback"), headers, body };
    this.requests.push(request);
    this.answer(response, request);
  });

  private constructor(answer: Answerer) {
    this.answer = answer;
  }

  static async start(answer: Answerer): Promise<LoopbackServer> {
    const loopback = new LoopbackServer(answer);
    await new Promise<void>((resolve) => loopback.#server.listen(0, "127.0.0.1", resolve));
    return loopback;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

export function answerJson(value: unknown, status = 200): Answerer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
}

export function answerStatus(status: number, headers: Record<string, string> = {}): Answerer {
  return (response) => {
    response.writeHead(status, headers);
    response.end("no such luck");
  };
}

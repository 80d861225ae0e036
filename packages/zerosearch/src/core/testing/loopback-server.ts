/** Chat servers on this machine that behave as badly as a test needs. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server was asked. */
interface Received {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export type Behaviour = (response: ServerResponse, received: Received, number: number) => void;

export interface LoopbackServer {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  readonly received: readonly Received[];
  /** Breaks all connections. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param behave  is told the request's number, from 1 */
export async function loopbackServer(behave: Behaviour): Promise<LoopbackServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const entry = {
        path: request.url ?? "",
        authorization: request.headers.authorization,
        body: text === "" ? undefined : (JSON.parse(text) as unknown),
      };
      received.push(entry);
      behave(response, entry, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An address at which nobody listens: that of a server that has just closed. */
export async function deadAddress(): Promise<string> {
  await using server = await loopbackServer(() => {});
  return server.baseUrl;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A completion as OpenAI writes it. */
export function completionBody(text: string, finishReason = "stop"): object {
  return {
    id: "1",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: finishReason }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

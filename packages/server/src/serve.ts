/** A service on a socket, and how it ends: no new requests, time for those under way, then the rest is given up. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createApp } from "./app.ts";
import { type ServedModel, Service, type ServiceOptions } from "./service.ts";

/** Where and for whom. */
export interface ServeOptions extends ServiceOptions {
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** Default 6001; 0 takes any free one. */
  readonly port?: number;
  /** Demanded of every request but `/health`; none by default. */
  readonly apiKey?: string;
}

/** A running server. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:6001`. */
  readonly url: string;
  /**
   * Ends it; resolves when the engine has nothing of it any more.
   *
   * @param graceMs  how long answers under way may take. Default 10,000
   */
  close(graceMs?: number): Promise<void>;
}

/** A client that reads slowly has so long to get the end of its answer. */
const LAST_BYTES_MS = 1000;

/**
 * Serves a model. The engine stays the caller's: it is to be freed after `close`.
 *
 * @throws the address is taken or not this machine's
 */
export async function serve(model: ServedModel, options: ServeOptions = {}): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 6001, apiKey, ...serviceOptions } = options;
  if (apiKey === "") throw new RangeError("apiKey must not be empty: leave it out to demand none");
  const service = new Service(model, serviceOptions);
  const app = createApp(service, apiKey === undefined ? {} : { apiKey });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server; // without TLS it is node:http's
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server.address() as AddressInfo), // a listening TCP server has one
    close: (graceMs = 10_000) => {
      closed ??= close(server, service, graceMs);
      return closed;
    },
  };
}

async function close(server: Server, service: Service, graceMs: number): Promise<void> {
  service.admission.close();
  const giveUp = setTimeout(() => service.closing.abort(), graceMs);
  await service.admission.whenIdle();
  clearTimeout(giveUp);
  const cut = setTimeout(() => server.closeAllConnections(), LAST_BYTES_MS);
  // Clients keep connections open for further requests; one is idle as soon as the last byte of its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 10);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearInterval(sweep);
  clearTimeout(cut);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

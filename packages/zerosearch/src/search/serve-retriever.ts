/**
 * A retriever server over any engine, under both contracts that search agents ask: the reference's own, whose server it
 * does not ship (§8.3), and Search-R1's (§8.4), which here answers without scores too. `POST /retrieve` tells them apart
 * by their fields; `GET /health` names the engine.
 */
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { type FailureKind, SearchError } from "../core/errors.ts";
import type { Document, QueryEngine } from "./search-engine.ts";
import { joinContents } from "./wikipedia/contents.ts";

const MAX_TOP_K = 1000;
const MAX_QUERIES = 1024;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Search-R1's server has this default. */
const DEFAULT_TOP_K = 3;

const topK = z.int().min(1).max(MAX_TOP_K);
const referenceRequest = z.object({ query: z.string(), top_k: topK });
const searchR1Request = z.object({
  queries: z.array(z.string()).max(MAX_QUERIES),
  topk: topK.nullish(),
  return_scores: z.boolean().default(false),
});

/** What the one who asks is told when the engine fails. */
const STATUS = {
  unreachable: 502,
  timeout: 504,
  "rate-limited": 429,
  unauthorized: 502,
  rejected: 502,
  server: 502,
  malformed: 502,
  aborted: 503,
} as const satisfies Record<FailureKind, number>;

/** The application alone, for tests and for whoever serves it otherwise. */
export function retrieverApp(engine: QueryEngine): Hono {
  const app = new Hono();
  app.get("/health", (context) => context.json({ status: "ok", engine: engine.name, identity: engine.identity }));
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (context) => context.json({ error: `The request has more than ${MAX_BODY_BYTES} bytes.` }, 413),
  });
  app.post("/retrieve", limit, async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    if (typeof body !== "object" || body === null) return refuse(context, "The request is no JSON object.");
    return "queries" in body ? answerSearchR1(engine, context, body) : answerReference(engine, context, body);
  });
  app.notFound((context) => context.json({ error: "There is POST /retrieve and GET /health." }, 404));
  app.onError((error, context) => {
    if (!(error instanceof SearchError))
      return context.json({ error: "internal: the search failed unexpectedly" }, 500);
    if (error.retryAfterMs !== undefined) context.header("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
    return context.json({ error: error.message, kind: error.kind }, STATUS[error.kind]);
  });
  return app;
}

async function answerReference(engine: QueryEngine, context: Context, body: object): Promise<Response> {
  const parsed = referenceRequest.safeParse(body);
  if (!parsed.success) return refuse(context, z.prettifyError(parsed.error));
  const { query, top_k } = parsed.data;
  const documents = await engine.search(query, { topK: top_k, signal: context.req.raw.signal });
  return context.json(documents);
}

async function answerSearchR1(engine: QueryEngine, context: Context, body: object): Promise<Response> {
  const parsed = searchR1Request.safeParse(body);
  if (!parsed.success) return refuse(context, z.prettifyError(parsed.error));
  const { queries, topk, return_scores: hasScores } = parsed.data;
  const options = { topK: topk ?? DEFAULT_TOP_K, signal: context.req.raw.signal };
  const found = await Promise.all(queries.map((query) => engine.search(query, options)));
  return context.json({
    result: found.map((documents) => documents.map((document) => searchR1Item(document, hasScores))),
  });
}

function searchR1Item(document: Document, hasScore: boolean): object {
  const { id, score = 0 } = document;
  const bare = { ...(id !== undefined && { id }), contents: joinContents(document) };
  return hasScore ? { document: bare, score } : bare;
}

function refuse(context: Context, reason: string): Response {
  const expected = "Expected {query, top_k} or {queries, topk, return_scores}.";
  return context.json({ error: `${reason.replaceAll(/\s*\n\s*/gu, " ")} ${expected}` }, 400);
}

export interface ServeOptions {
  /** This machine only, by default. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A server that answers until it is closed. */
export interface RetrieverServer {
  readonly url: string;
  /** Stops listening and cuts what is under way. The engine stays open. */
  close(): Promise<void>;
}

/** @throws {Error} the port is taken or may not be used */
export async function serveRetriever(engine: QueryEngine, options: ServeOptions): Promise<RetrieverServer> {
  const { host = "127.0.0.1", port } = options;
  const app = retrieverApp(engine);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
      const name = host.includes(":") ? `[${host}]` : host;
      resolve({ url: `http://${name}:${address.port}`, close: () => closeServer(server) });
    });
    server.once("error", reject);
  });
}

function closeServer(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}

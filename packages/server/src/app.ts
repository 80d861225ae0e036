/** The routes, and what every request passes before it reaches one. No socket: `serve.ts` opens that. */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { checkApiKey } from "./api-key.ts";
import { answerChat, CHAT_ROUTE } from "./chat-completions.ts";
import { answerCompletion, COMPLETIONS_ROUTE } from "./completions.ts";
import { describeModel } from "./models-route.ts";
import { ApiError, type ErrorStatus, toApiError } from "./openai-errors.ts";
import type { Service } from "./service.ts";

const ROUTES = ["/health", "/metrics", "/v1/models", "/v1/models/:id{.+}", CHAT_ROUTE, COMPLETIONS_ROUTE];

/**
 * @param apiKey  demanded of every request but `/health`; none by default
 */
export function createApp(service: Service, { apiKey }: { readonly apiKey?: string } = {}): Hono {
  const app = new Hono();
  app.onError((error) => errorResponse(service, error));
  app.notFound((c) => {
    const message = `there is no ${c.req.method} ${c.req.path} here: this server knows /v1/chat/completions, /v1/completions and /v1/models`;
    return errorResponse(service, new ApiError(message, { status: 404, code: "unknown_url" }));
  });
  countRequests(app, service);
  app.get("/health", (c) => c.json({ status: "ok" }));
  if (apiKey !== undefined) {
    app.use(async (c, next) => {
      checkApiKey(c.req.header("authorization"), apiKey);
      await next();
    });
  }
  app.get("/metrics", (c) =>
    c.text(service.metrics.page(service.model.engine.load), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    }),
  );
  app.get("/v1/models", (c) => c.json({ object: "list", data: [describeModel(service)] }));
  app.get("/v1/models/:id{.+}", (c) => {
    service.checkModel(c.req.param("id"));
    return c.json(describeModel(service));
  });
  app.use("/v1/*", limitBody(service));
  app.post(CHAT_ROUTE, async (c) => answerChat(service, await jsonBody(c), c.req.raw.signal));
  app.post(COMPLETIONS_ROUTE, async (c) => answerCompletion(service, await jsonBody(c), c.req.raw.signal));
  for (const route of ROUTES) {
    app.all(route, (c) => {
      throw new ApiError(`${c.req.method} is not what ${route} answers`, { status: 405, code: "method_not_allowed" });
    });
  }
  return app;
}

/** Counts every answer but streams, which count themselves when they end. */
function countRequests(app: Hono, { metrics }: Service): void {
  app.use(async (c, next) => {
    const startedAt = performance.now();
    await next();
    if (c.res.headers.get("content-type")?.startsWith("text/event-stream")) return;
    const route = ROUTES.find((known) => known === c.req.path) ?? "other";
    metrics.countRequest(route, c.res.status, (performance.now() - startedAt) / 1000);
  });
}

function limitBody({ limits: { maxBodyBytes } }: Service): ReturnType<typeof bodyLimit> {
  return bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new ApiError(`the request is larger than ${maxBodyBytes} bytes`, { status: 413, code: "body_too_large" });
    },
  });
}

/** @throws {ApiError} 415 or 400 */
async function jsonBody(c: Context): Promise<unknown> {
  // A web page may send text to a loopback server unasked, but not JSON.
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new ApiError(`content-type must be application/json, got ${JSON.stringify(type.slice(0, 80))}`, {
      status: 415,
    });
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(`the body is no JSON: ${reason}`, { status: 400, code: "invalid_json" });
  }
}

function errorResponse(service: Service, error: unknown): Response {
  const failure = toApiError(error);
  if (failure !== error && failure.status === 500) service.onError(error);
  const { retryAfterSeconds: wait } = failure;
  return Response.json(failure.body, {
    status: failure.status satisfies ErrorStatus,
    headers: wait === undefined ? {} : { "retry-after": String(wait) },
  });
}

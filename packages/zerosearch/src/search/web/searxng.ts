/** SearXNG, a search engine over others that one runs oneself. Its settings must allow the format `json`. */
import { z } from "zod";
import { type HttpEngineOptions, httpEngine, webDocument, withPath } from "../http-engine.ts";
import type { QueryEngine } from "../search-engine.ts";

export interface SearxngOptions extends HttpEngineOptions {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
}

const text = z.string().nullish();

const answerSchema = z.object({
  results: z.array(z.object({ title: text, content: text, url: text, score: z.number().nullish() })),
});

export function searxng({ url, timeoutMs }: SearxngOptions): QueryEngine {
  return httpEngine({
    name: "searxng",
    url: withPath(url, "/search"),
    timeoutMs,
    schema: answerSchema,
    request: (call) => {
      call.url.searchParams.set("q", call.query);
      call.url.searchParams.set("format", "json");
      return { url: call.url };
    },
    documents: ({ results }) =>
      results.map(({ title, content, url: link, score }) => webDocument({ title, text: content, url: link, score })),
  });
}

/** Tavily, whose results hold passages chosen for the query. It answers at most 20. */
import { z } from "zod";
import { httpEngine, type KeyedEngineOptions, webDocument } from "../http-engine.ts";
import type { QueryEngine } from "../search-engine.ts";

const text = z.string().nullish();
const MOST_RESULTS = 20;

const answerSchema = z.object({
  results: z.array(z.object({ title: text, content: text, url: text, score: z.number().nullish() })),
});

export function tavily({ key, url, timeoutMs }: KeyedEngineOptions): QueryEngine {
  return httpEngine({
    name: "tavily",
    url: url ?? "https://api.tavily.com/search",
    timeoutMs,
    access: { key },
    schema: answerSchema,
    request: (call) => ({
      url: call.url,
      headers: { authorization: `Bearer ${call.key}` },
      body: { query: call.query, max_results: Math.min(call.topK, MOST_RESULTS) },
    }),
    documents: ({ results }) =>
      results.map(({ title, content, url: link, score }) => webDocument({ title, text: content, url: link, score })),
  });
}

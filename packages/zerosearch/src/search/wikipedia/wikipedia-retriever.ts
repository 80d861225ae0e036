/** The reference's Wikipedia retriever (§8.3), whose server it does not ship: `serve-retriever.ts` is one. */
import { z } from "zod";
import { type HttpEngineOptions, httpEngine, webDocument, withPath } from "../http-engine.ts";
import type { QueryEngine } from "../search-engine.ts";

const answerSchema = z.array(
  z.object({
    text: z.string(),
    title: z.string().nullish(),
    id: z.union([z.string(), z.number()]).nullish(),
    score: z.number().nullish(),
  }),
);

/** @param options.url  with or without `/retrieve`; `http://127.0.0.1:6002` by default */
export function wikipediaRetriever({ url = "http://127.0.0.1:6002", timeoutMs }: HttpEngineOptions = {}): QueryEngine {
  return httpEngine({
    name: "wikipedia-retriever",
    url: withPath(url, "/retrieve"),
    timeoutMs,
    schema: answerSchema,
    request: (call) => ({ url: call.url, body: { query: call.query, top_k: call.topK } }),
    documents: (passages) =>
      passages.map(({ id, ...passage }) => ({ ...webDocument(passage), ...(id != null && { id: String(id) }) })),
  });
}

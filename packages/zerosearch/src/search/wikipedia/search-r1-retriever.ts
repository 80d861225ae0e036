/** Search-R1's retriever contract (§8.4): dense, BM25 and re-ranking servers of that project speak it. */
import { z } from "zod";
import { type HttpEngineOptions, httpEngine, webDocument, withPath } from "../http-engine.ts";
import type { Document, QueryEngine } from "../search-engine.ts";
import { splitContents } from "./contents.ts";

const passage = z.object({ id: z.union([z.string(), z.number()]).nullish(), contents: z.string() });
const scored = z.object({ document: passage, score: z.number().nullish() });

/** One list per query; its items have scores, or are bare where the server was not asked for any. */
const answerSchema = z.object({ result: z.tuple([z.array(z.union([scored, passage]))]) });

/** @param options.url  with or without `/retrieve`; `http://127.0.0.1:8000` by default */
export function searchR1Retriever({ url = "http://127.0.0.1:8000", timeoutMs }: HttpEngineOptions = {}): QueryEngine {
  return httpEngine({
    name: "search-r1-retriever",
    url: withPath(url, "/retrieve"),
    timeoutMs,
    schema: answerSchema,
    request: (call) => ({
      url: call.url,
      body: { queries: [call.query], topk: call.topK, return_scores: true },
    }),
    documents: ({ result: [items] }) =>
      items.map((item) => ("document" in item ? documentOf(item.document, item.score) : documentOf(item))),
  });
}

function documentOf({ id, contents }: z.infer<typeof passage>, score?: number | null): Document {
  return { ...webDocument({ ...splitContents(contents), score }), ...(id != null && { id: String(id) }) };
}

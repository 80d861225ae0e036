/** Brave Search. It answers at most 20 results, and refuses queries above 400 characters or 50 words. */
import { z } from "zod";
import { httpEngine, type KeyedEngineOptions, webDocument } from "../http-engine.ts";
import type { QueryEngine } from "../search-engine.ts";

const text = z.string().nullish();
const MOST_RESULTS = 20;

const answerSchema = z.object({
  web: z.object({ results: z.array(z.object({ title: text, description: text, url: text })) }).nullish(),
});

export function brave({ key, url, timeoutMs }: KeyedEngineOptions): QueryEngine {
  return httpEngine({
    name: "brave",
    url: url ?? "https://api.search.brave.com/res/v1/web/search",
    timeoutMs,
    access: { key },
    schema: answerSchema,
    request: (call) => {
      call.url.searchParams.set("q", call.query);
      call.url.searchParams.set("count", String(Math.min(call.topK, MOST_RESULTS)));
      call.url.searchParams.set("text_decorations", "false");
      return { url: call.url, headers: { "x-subscription-token": call.key } };
    },
    documents: ({ web }) =>
      (web?.results ?? []).map(({ title, description, url: link }) =>
        webDocument({ title, text: description, url: link }),
      ),
  });
}

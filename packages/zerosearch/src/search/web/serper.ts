/** Google's results through serper.dev. */
import { z } from "zod";
import { httpEngine, type KeyedEngineOptions, webDocument } from "../http-engine.ts";
import type { QueryEngine } from "../search-engine.ts";

export interface SerperOptions extends KeyedEngineOptions {
  /** Put Google's answer box, where there is one, before the results. */
  readonly answerBox?: boolean;
}

const text = z.string().nullish();

const answerSchema = z.object({
  answerBox: z.object({ title: text, answer: text, snippet: text, link: text }).optional(),
  organic: z.array(z.object({ title: text, snippet: text, link: text })),
});

export function serper({ key, url, timeoutMs, answerBox = false }: SerperOptions): QueryEngine {
  return httpEngine({
    name: "serper",
    url: url ?? "https://google.serper.dev/search",
    timeoutMs,
    parameters: { answerBox },
    access: { key },
    schema: answerSchema,
    request: (call) => ({
      url: call.url,
      headers: { "x-api-key": call.key },
      body: { q: call.query, num: call.topK },
    }),
    documents: ({ answerBox: box, organic }) => {
      const content = answerBox ? (box?.answer ?? box?.snippet) : undefined;
      const results = organic.map(({ title, snippet, link }) => webDocument({ title, text: snippet, url: link }));
      return content ? [webDocument({ title: box?.title, text: content, url: box?.link }), ...results] : results;
    },
  });
}

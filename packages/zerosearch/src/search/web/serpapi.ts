/** Google's results through SerpApi (§8.2); unlike the reference, title and snippet apart and never more than topK (D35). */
import { z } from "zod";
import { SearchError } from "../../core/errors.ts";
import { httpEngine, type KeyedEngineOptions, webDocument } from "../http-engine.ts";
import type { Document, QueryEngine } from "../search-engine.ts";

export interface SerpApiOptions extends KeyedEngineOptions {
  /** Put Google's answer box, where there is one, before the results. The reference does not. */
  readonly answerBox?: boolean;
}

const text = z.string().nullish();

const answerSchema = z.object({
  error: z.string().optional(),
  answer_box: z.object({ title: text, answer: text, snippet: text, link: text }).optional(),
  organic_results: z.array(z.object({ title: text, snippet: text, link: text })).optional(),
});

/** SerpApi reports an empty page as an error with status 200. */
const NOTHING_FOUND = /hasn't returned any results/u;

export function serpApi({ key, url, timeoutMs, answerBox = false }: SerpApiOptions): QueryEngine {
  return httpEngine({
    name: "serpapi",
    url: url ?? "https://serpapi.com/search.json",
    timeoutMs,
    parameters: { answerBox },
    access: { key },
    schema: answerSchema,
    request: (call) => {
      const parameters = { engine: "google", q: call.query, num: String(call.topK), api_key: call.key };
      for (const [name, value] of Object.entries(parameters)) call.url.searchParams.set(name, value);
      return { url: call.url };
    },
    documents: (answer) => [...(answerBox ? boxOf(answer) : []), ...resultsOf(answer)],
  });
}

function boxOf({ answer_box: box }: z.infer<typeof answerSchema>): Document[] {
  const content = box?.answer ?? box?.snippet;
  return content ? [webDocument({ title: box?.title, text: content, url: box?.link })] : [];
}

function resultsOf({ error, organic_results: results }: z.infer<typeof answerSchema>): Document[] {
  if (error !== undefined && results === undefined && !NOTHING_FOUND.test(error)) {
    throw new SearchError("serpapi answered with an error instead of results: see the account.", { kind: "rejected" });
  }
  return (results ?? []).map(({ title, snippet, link }) => webDocument({ title, text: snippet, url: link }));
}

/** Which chat model is asked, to simulate or to judge, as a configuration says it. Its key is no part of it. */
import type { Dtype } from "@zerosearch/torch";
import { z } from "zod";

/** A server under OpenAI's API, such as SGLang, vLLM or `zerosearch serve`. */
interface ChatEndpointConfig {
  readonly kind: "endpoint";
  /** Each up to and without `/chat/completions`, such as `http://127.0.0.1:6001/v1`. Taken in turn. */
  readonly urls: readonly string[];
  /** As the server names it; empty is what single-model servers accept. */
  readonly model: string;
  /** The environment variable that holds the key. */
  readonly apiKeyVariable?: string | undefined;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** Further fields of every request's body. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/** A model folder, computed here. */
interface ChatFolderConfig {
  readonly kind: "folder";
  readonly path: string;
  readonly dtype?: Dtype | undefined;
  readonly numerics: "exact" | "fast";
  /** In a thread of its own, so that policy and simulator compute on two cores. */
  readonly ownThread: boolean;
  readonly maxSequences: number;
  /** As of the policy's model. */
  readonly packWeights: boolean;
}

export type ChatModelConfig = ChatEndpointConfig | ChatFolderConfig;

const url = z.url({ protocol: /^https?$/u });

export const chatModelConfigSchema: z.ZodType<ChatModelConfig> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("endpoint"),
    urls: z.union([z.array(url).min(1), url.transform((only) => [only])]),
    model: z.string().default(""),
    apiKeyVariable: z.string().min(1).optional(),
    concurrency: z.int().min(1).default(64),
    timeoutMs: z.int().min(1).default(120_000),
    retries: z.int().min(0).default(4),
    extraBody: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({
    kind: z.literal("folder"),
    path: z.string().min(1),
    dtype: z.enum(["float32", "float64", "bfloat16", "float16"]).optional(),
    numerics: z.enum(["exact", "fast"]).default("exact"),
    ownThread: z.boolean().default(true),
    maxSequences: z.int().min(1).default(256),
    packWeights: z.boolean().default(true),
  }),
]);

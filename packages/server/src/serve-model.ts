/** A model folder on a socket: loads, serves, and frees everything at the end. */
import { basename, resolve } from "node:path";
import { Engine, loadDecoder, loadTokenizer, type Numerics, readGenerationConfig } from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";
import { type RunningServer, type ServeOptions, serve } from "./serve.ts";

/** Which model, and how it works. */
export interface ServeModelOptions extends ServeOptions {
  /** A model folder in Hugging Face's format. */
  readonly folder: string;
  /** What clients call it. Default: the folder's name. */
  readonly modelId?: string;
  /** The files' own by default. */
  readonly dtype?: Dtype;
  /** Default "exact": what a client gets does not depend on who else is being served. */
  readonly numerics?: Numerics["mode"];
  /** Texts in one batch. Default 256. */
  readonly maxSequences?: number;
}

/** @throws {ModelFileError} the folder is no model that can be served */
export async function serveModel(options: ServeModelOptions): Promise<RunningServer> {
  const { folder, modelId, dtype, numerics, maxSequences, ...serveOptions } = options;
  const tokenizer = loadTokenizer(folder);
  const { eosIds } = readGenerationConfig(folder);
  const decoder = loadDecoder(folder, dtype ? { dtype } : {});
  let engine: Engine | undefined;
  const free = (): void => {
    engine?.dispose();
    decoder.dispose();
  };
  try {
    engine = new Engine(decoder, {
      tokenizer,
      ...(numerics === undefined ? {} : { numerics }),
      ...(maxSequences === undefined ? {} : { maxSequences }),
    });
    const server = await serve({ id: modelId ?? basename(resolve(folder)), engine, tokenizer, eosIds }, serveOptions);
    let closed: Promise<void> | undefined;
    return {
      url: server.url,
      close: (graceMs) => {
        closed ??= server.close(graceMs).then(free);
        return closed;
      },
    };
  } catch (error) {
    free();
    throw error;
  }
}

/** A tiny model behind a socket, and OpenAI's own client in front of it. */
import OpenAI from "openai";
import { type RunningServer, type ServeOptions, serve } from "../serve.ts";
import { tinyModel } from "./tiny-model.ts";

/** Everything that a test of the whole server needs. */
export interface Serving {
  readonly model: ReturnType<typeof tinyModel>;
  readonly server: RunningServer;
  readonly client: OpenAI;
  /** Ends the server and frees the model. */
  close(): Promise<void>;
}

/** @param model  freed by `close` */
export async function startServing(
  options: ServeOptions = {},
  model: ReturnType<typeof tinyModel> = tinyModel(),
): Promise<Serving> {
  const server = await serve(model, { port: 0, ...options });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: options.apiKey ?? "EMPTY", maxRetries: 0 });
  return {
    model,
    server,
    client,
    close: async () => {
      await server.close();
      model[Symbol.dispose]();
    },
  };
}

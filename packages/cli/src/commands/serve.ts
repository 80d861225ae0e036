import { availableParallelism } from "node:os";
import { serveModel } from "@zerosearch/server";
import { type Dtype, setThreads } from "@zerosearch/torch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface ServeFlags {
  readonly model: string;
  readonly port: number;
  readonly host: string;
  /** The environment variable that holds the API key. */
  readonly apiKeyEnv?: string;
  readonly maxSequences?: number;
  readonly dtype?: Dtype;
  readonly numerics?: "exact" | "fast";
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** `zerosearch serve`: answers until Ctrl-C; a second Ctrl-C does not wait for the answers under way. */
export async function runServe(flags: ServeFlags): Promise<void> {
  const { model: folder, apiKeyEnv, ...options } = flags;
  const apiKey = apiKeyEnv === undefined ? undefined : secret(apiKeyEnv);
  setThreads(availableParallelism());
  const server = await serveModel({ ...options, folder, ...(apiKey === undefined ? {} : { apiKey }) });
  if (apiKey === undefined && !LOOPBACK.has(options.host)) {
    console.error(`${pc.yellow("warning")} whoever reaches ${options.host} may use this server: set --api-key-env`);
  }
  console.log(`serving ${folder} at ${server.url}/v1 (Ctrl-C ends)`);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  const giveUp = (): never => process.exit(130);
  process.once("SIGINT", giveUp);
  await server.close();
  process.off("SIGINT", giveUp);
}

function secret(name: string): string {
  // biome-ignore lint/style/noProcessEnv: a key on the command line would be seen by every user of the machine
  const value = process.env[name];
  if (!value) throw new Error(`--api-key-env names ${name}, which is not set: export it, or leave the flag out`);
  return value;
}

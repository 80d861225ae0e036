/** From a configuration to a chat model that can be asked. */
import type { ChatModel } from "../core/chat-model.ts";
import { type Environment, processEnvironment } from "../core/environment.ts";
import { ConfigError } from "../core/errors.ts";
import { HttpChatModel } from "../core/http-chat-model.ts";
import type { ChatModelConfig } from "./chat-model-config.ts";
import { loadChatModel } from "./local-chat-model.ts";
import { WorkerChatModel } from "./worker-chat-model.ts";

/**
 * @param environment  where the key is looked for; the process's own by default
 * @throws {ConfigError} the variable that should hold the key does not, or an address can't be used
 * @throws {ModelFileError} the folder is no model that can be loaded
 */
export async function createChatModel(
  config: ChatModelConfig,
  environment: Environment = processEnvironment(),
): Promise<ChatModel> {
  if (config.kind === "folder") {
    const { path, dtype, numerics, ownThread, maxSequences, packWeights } = config;
    const options = { numerics, maxSequences, packWeights, ...(dtype && { dtype }) };
    return ownThread ? await WorkerChatModel.start(path, options) : loadChatModel(path, options);
  }
  const { urls, model, apiKeyVariable, concurrency, timeoutMs, retries, extraBody } = config;
  const apiKey = apiKeyVariable === undefined ? undefined : environment[apiKeyVariable]?.trim();
  if (apiKeyVariable !== undefined && !apiKey) {
    throw new ConfigError(`the chat model's key should be in ${apiKeyVariable}, which is not set: export it.`);
  }
  return new HttpChatModel({
    baseUrls: urls,
    model,
    concurrency,
    timeoutMs,
    retries,
    ...(apiKey && { apiKey }),
    ...(extraBody && { extraBody }),
  });
}

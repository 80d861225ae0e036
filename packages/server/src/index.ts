/** An OpenAI-compatible HTTP server over the generation engine. */

export { createApp } from "./app.ts";
export { type RunningServer, type ServeOptions, serve } from "./serve.ts";
export { type ServeModelOptions, serveModel } from "./serve-model.ts";
export { type ServedModel, Service, type ServiceOptions } from "./service.ts";

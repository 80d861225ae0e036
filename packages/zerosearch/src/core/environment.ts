/** The environment variables of a process, as something that can be handed in. Only keys and places are looked up there. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: keys must not stand in configurations, which runs keep and publish
  return process.env;
}

/** Addresses and keys of servers, checked once and early, with messages that show neither key nor password. */
import { ConfigError } from "./errors.ts";

/**
 * @returns the address without a slash at its end
 * @throws {ConfigError} it is no HTTP address, or holds a password, a query or a fragment
 */
export function checkBaseUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && (url.username !== "" || url.password !== "")) {
    throw new ConfigError(
      `the address of ${url.host} holds a user name or password, which would be shown in logs and results. Pass it as apiKey.`,
    );
  }
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new ConfigError(
      `expected a server's address such as http://127.0.0.1:6001/v1, got ${JSON.stringify(address)}`,
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new ConfigError(
      `the address ${url.origin}${url.pathname} is followed by a query or fragment, which would be lost. Leave it out.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** @throws {ConfigError} it can't stand in a header */
export function checkApiKey(apiKey: string): void {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new ConfigError(
    `apiKey must be visible ASCII without spaces, got ${apiKey.length} characters with others among them or none at all. Look for a line end or quotes around it.`,
  );
}

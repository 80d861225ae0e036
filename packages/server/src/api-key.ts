/** Bearer tokens: whoever has the key may ask. */
import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "./openai-errors.ts";

/**
 * Compares in a time that tells nothing of the key.
 *
 * @param header  of `Authorization`
 * @throws {ApiError} 401; it repeats neither key
 */
export function checkApiKey(header: string | undefined, key: string): void {
  const given = /^Bearer (.*)$/i.exec(header ?? "")?.[1] ?? "";
  if (timingSafeEqual(digest(given), digest(key))) return;
  const problem = header === undefined ? "an API key is needed" : "the API key is wrong";
  throw new ApiError(`${problem}: send it as "Authorization: Bearer …"`, { status: 401, code: "invalid_api_key" });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

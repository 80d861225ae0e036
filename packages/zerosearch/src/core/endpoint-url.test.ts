import { expect, test } from "vitest";
import { checkApiKey, checkBaseUrl } from "./endpoint-url.ts";
import { ConfigError } from "./errors.ts";

test("a slash at the end makes no difference", () => {
  expect(checkBaseUrl("http://localhost:6001/v1//")).toBe("http://localhost:6001/v1");
  expect(checkBaseUrl("https://api.example.org")).toBe("https://api.example.org");
});

test.each(["", "localhost:6001/v1", "ftp://host/v1", "http://host/v1?key=1", "http://host/#x"])(
  "%j is no address of a chat server",
  (address) => {
    expect(() => checkBaseUrl(address)).toThrow(ConfigError);
  },
);

test("an address with a password is refused without showing it", () => {
  const refuse = () => checkBaseUrl("http://me:open-sesame@host:1/v1");
  expect(refuse).toThrow(/host:1/);
  expect(refuse).not.toThrow(/sesame/);
});

test.each(["", "sk-1\n", "sk 1", "schlüssel"])("the key %j can't stand in a header, and is not shown", (key) => {
  expect(() => checkApiKey(key)).toThrow(ConfigError);
  if (key !== "") expect(() => checkApiKey(key)).not.toThrow(new RegExp(key.trim()));
});

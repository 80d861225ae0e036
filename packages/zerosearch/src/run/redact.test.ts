import { expect, test } from "vitest";
import { isSecretName, redact } from "./redact.ts";

test("names with a word for a secret are told from names that only contain its letters", () => {
  const secret = [
    "apiKey",
    "api_key",
    "APIKey",
    "key",
    "wandb-token",
    "HF_TOKEN",
    "clientSecret",
    "password",
    "dbPassword",
  ];
  const open = ["maxTokens", "tokenizer", "tokens", "monkey", "keyboard", "keepLast", "secretary", "eosTokenize"];
  expect(secret.filter((name) => !isSecretName(name))).toEqual([]);
  expect(open.filter(isSecretName)).toEqual([]);
});

test("the name of the environment variable that holds a key is no secret: who reads the configuration needs it", () => {
  expect(["apiKeyVariable", "api_key_variable"].filter(isSecretName)).toEqual([]);
  expect(redact({ apiKeyVariable: "SIMULATOR_KEY" })).toEqual({ apiKeyVariable: "SIMULATOR_KEY" });
});

test("secrets go at any depth, everything else stays", () => {
  const config = {
    search: { engines: [{ apiKey: "k1", topK: 5 }], secret: { a: "k2", n: 1, empty: "" } },
    url: "https://me:k3@host/path?q=1&api_key=k4#end",
    token: ["k5"],
    eosToken: 7,
    lr: 1e-6,
    nothing: null,
  };
  const clean = redact(config);
  expect(JSON.stringify(clean)).not.toMatch(/k\d/);
  expect(clean).toEqual({
    search: { engines: [{ apiKey: "[redacted]", topK: 5 }], secret: { a: "[redacted]", n: 1, empty: "" } },
    url: "https://[redacted]@host/path?q=1&api_key=[redacted]#end",
    token: ["[redacted]"],
    eosToken: 7,
    lr: 1e-6,
    nothing: null,
  });
  expect(config.token).toEqual(["k5"]);
});

import { expect, test } from "vitest";
import { ChatModelError, ConfigError, DataError, type FailureKind, RunError, SearchError } from "./errors.ts";

test("asking again may help where nobody answered or the server was busy, and nowhere else", () => {
  const kinds: Record<FailureKind, boolean> = {
    unreachable: true,
    timeout: true,
    "rate-limited": true,
    server: true,
    unauthorized: false,
    rejected: false,
    malformed: false,
    aborted: false,
  };
  for (const [kind, isTransient] of Object.entries(kinds)) {
    const error = new SearchError("x", { kind: kind as FailureKind });
    expect([kind, error.isTransient]).toEqual([kind, isTransient]);
  }
});

test("every error has its name, a code and its cause", () => {
  const cause = new Error("below");
  const remote = new ChatModelError("x", { kind: "server", retryAfterMs: 5, cause });
  expect(remote).toMatchObject({ name: "ChatModelError", code: "ERR_CHAT_MODEL", cause, retryAfterMs: 5 });
  expect(new SearchError("x", { kind: "timeout" })).toMatchObject({ name: "SearchError", code: "ERR_SEARCH" });
  expect(new DataError("x", { cause })).toMatchObject({ name: "DataError", code: "ERR_DATA", cause });
  expect(new ConfigError("x")).toMatchObject({ name: "ConfigError", code: "ERR_CONFIG" });
  expect(new RunError("x")).toMatchObject({ name: "RunError", code: "ERR_RUN" });
});

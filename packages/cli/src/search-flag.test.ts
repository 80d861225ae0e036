import { ConfigError } from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { searchFlag } from "./search-flag.ts";

test("an engine is named with its index or its address", () => {
  expect(searchFlag("local:a:b.index")).toMatchObject({ engine: "local", index: "a:b.index" });
  expect(searchFlag("serpapi")).toMatchObject({ engine: "serpapi", answerBox: false });
  expect(searchFlag("wikipedia-retriever:http://127.0.0.1:6002")).toMatchObject({
    engine: "wikipedia-retriever",
    url: "http://127.0.0.1:6002",
  });
});

test("what is no engine is refused with what would be one", () => {
  expect(() => searchFlag("local")).toThrow(/--search local:FILE/u);
  expect(() => searchFlag("package.json")).toThrow(ConfigError);
  expect(() => searchFlag("README.md")).toThrow(/--search local:README.md/u);
  expect(() => searchFlag("google")).toThrow(/--search google: engine is "google"/u);
  expect(() => searchFlag("searxng")).toThrow(/url is missing/u);
});

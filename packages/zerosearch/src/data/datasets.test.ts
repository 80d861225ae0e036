import { expect, test } from "vitest";
import { BENCHMARKS } from "./benchmarks.ts";
import { DATASETS, datasetsNamed } from "./datasets.ts";

test("a name is a data set's or a group's; what is asked for twice comes once", () => {
  const benchmarks = datasetsNamed(["benchmarks", "nq"]);
  expect(benchmarks.map(({ name }) => name)).toEqual(BENCHMARKS.map(({ name }) => name));
  expect(datasetsNamed(["zerosearch-train"])).toMatchObject([
    { repository: "sunhaonlp/ZeroSearch_dataset", file: "train.parquet" },
  ]);
  expect(new Set(DATASETS.map(({ name }) => name)).size).toBe(DATASETS.length);
});

test("an unknown name is refused with those that there are", () => {
  expect(() => datasetsNamed(["nq", "squad"])).toThrow(
    /no data set "squad"; there are nq, .*and the groups benchmarks/,
  );
});

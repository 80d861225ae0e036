/** Data sets on the Hugging Face hub that can be asked for by name: one file each. */
import { ConfigError } from "../core/errors.ts";
import { BENCHMARK_REPOSITORY, BENCHMARKS, TRAINING_REPOSITORY } from "./benchmarks.ts";

export interface Dataset {
  readonly name: string;
  readonly title: string;
  /** Names all that are for the same. */
  readonly group: "benchmarks" | "training" | "tuning";
  /** A dataset repository. */
  readonly repository: string;
  readonly file: string;
}

/** Of Search-R1: NQ and HotpotQA merged, with its prompt. */
const SEARCH_R1_REPOSITORY = "PeterJinGo/nq_hotpotqa_train";

const training = (name: string, title: string, repository: string, file: string): Dataset => ({
  ...{ name, title, repository, file },
  group: "training",
});

export const DATASETS: readonly Dataset[] = [
  ...BENCHMARKS.map(
    ({ name, title, path }): Dataset => ({
      ...{ name, title, group: "benchmarks" },
      repository: BENCHMARK_REPOSITORY,
      file: path,
    }),
  ),
  training("zerosearch-train", "NQ and HotpotQA as the paper trains on them", TRAINING_REPOSITORY, "train.parquet"),
  training("zerosearch-test", "the paper's test questions", TRAINING_REPOSITORY, "test.parquet"),
  training("search-r1-train", "NQ and HotpotQA as Search-R1 trains on them", SEARCH_R1_REPOSITORY, "train.parquet"),
  training("search-r1-test", "Search-R1's test questions", SEARCH_R1_REPOSITORY, "test.parquet"),
  training("nq-train", "Natural Questions, training split", BENCHMARK_REPOSITORY, "nq/train.jsonl"),
  training("hotpotqa-train", "HotpotQA, training split", BENCHMARK_REPOSITORY, "hotpotqa/train.jsonl"),
  {
    name: "simulation-google",
    title: "the authors' tuning set of simulators of Google",
    group: "tuning",
    repository: "Alibaba-NLP/SimulationTuning_google_dataset",
    file: "SimulationTuning_Dataset.json",
  },
  {
    name: "simulation-wiki",
    title: "the authors' tuning set of simulators of a Wikipedia retriever",
    group: "tuning",
    repository: "Alibaba-NLP/SimulationTuning_wiki_dataset",
    file: "SimulationTuning_wiki_dataset.json",
  },
];

/**
 * @param names  of data sets or of groups
 * @returns each once
 * @throws {ConfigError} a name is neither
 */
export function datasetsNamed(names: readonly string[]): Dataset[] {
  const found = names.flatMap((name) => {
    const named = DATASETS.filter((dataset) => dataset.name === name || dataset.group === name);
    if (named.length > 0) return named;
    const groups = [...new Set(DATASETS.map(({ group }) => group))];
    throw new ConfigError(
      `there is no data set ${JSON.stringify(name)}; there are ${DATASETS.map((each) => each.name).join(", ")}, ` +
        `and the groups ${groups.join(", ")}`,
    );
  });
  return [...new Set(found)];
}

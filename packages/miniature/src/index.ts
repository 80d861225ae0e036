/** A small fictional world with corpus, questions, tokenizer and tiny models, on which the whole method runs in minutes. */

export { miniatureGate } from "./gate.ts";
export { EXPERIMENTS, type Experiment } from "./laboratory/experiments.ts";
export { readResults, resultsTable } from "./laboratory/results.ts";
export { experimentFolder, runExperiment } from "./laboratory/run-experiment.ts";
export { MODEL_NAMES, MODELS_FOLDER, type ModelName, modelFolder } from "./models/folders.ts";
export {
  AGENT_PROMPT,
  PAGE_TOKENS,
  ROLLOUT_LIMITS,
  SIMULATOR_PROMPTS,
  SIMULATOR_TEMPERATURE,
  TOP_K,
} from "./recipe.ts";
export { makeTokenizer } from "./tokenizer.ts";
export { GATE_NAME, QUICK_START, type QuickStartChoices, trainingConfig } from "./training-config.ts";
export { type PreparedWorld, prepareWorld } from "./world/prepare-world.ts";
export { sourceOf, toQuestion, type WorldQuestion } from "./world/questions.ts";
export { makePart, makeParts, SPLITS, type Split, type WorldPart } from "./world/splits.ts";
export { type QuestionFormat, type WorldFiles, writeWorld } from "./world/write-world.ts";

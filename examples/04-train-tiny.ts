/** A tiny language model that mostly guesses learns by reinforcement to look things up: all of training, in seconds. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lm from "@zerosearch/lm";
import * as torch from "@zerosearch/torch";
import * as zs from "@zerosearch/zerosearch";

torch.setThreads(1);
const CAPITALS = { France: "Paris", Austria: "Vienna", Peru: "Lima", Norway: "Oslo", Egypt: "Cairo", Italy: "Rome" };
const facts = Object.entries(CAPITALS).map(([country, capital]) => ({
  ...{ id: country, question: `What is the capital of ${country}?`, answers: [capital] },
  text: `${capital} is the capital of ${country}`,
}));
const folder = mkdtempSync(join(tmpdir(), "zerosearch-train-tiny-"));
const [questions, index, model] = ["questions.jsonl", "facts.index", "model"].map((name) => join(folder, name));
if (!questions || !index || !model) throw new Error("three names, three paths");
writeFileSync(questions, facts.map((fact) => JSON.stringify(fact)).join("\n"));
await (await zs.FtsIndex.build(facts, { path: index })).close();

// What it has seen before: for each question one who looks it up, and five who guess.
const prompt = "Question: {question}\n";
const texts = facts.flatMap(({ id, question, answers, text }, i) => {
  const asked = zs.agentPrompt(question, prompt);
  const guess = (offset: number) => `<answer> ${facts[(i + offset) % facts.length]?.answers[0]} </answer>`;
  const read = zs.informationText(zs.formatDocuments([{ text }]).text);
  const lookedUp = [asked, `<search> ${id} </search>`, read, `<answer> ${answers[0]} </answer>`];
  return [lookedUp, ...[0, 1, 2, 3, 4].map((offset) => [asked, guess(offset)])];
});
const tokenizer = lm.trainBpe({ texts: texts.flat(), vocabularySize: 500, specialTokens: ["<|end|>"] });
const shape = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2 };
const sizes = { vocab_size: 500, max_position_embeddings: 512, rms_norm_eps: 1e-6, initializer_range: 0.2 };
const config = lm.parseDecoderConfig({ model_type: "qwen2", tie_word_embeddings: true, ...shape, ...sizes }, "example");
const decoder = new lm.Decoder(config, lm.initialParameters(config, new torch.Generator(0))).requireGrad();
const optimizer = new zs.AdamW(decoder.parameters, { weightDecay: 0 });
const examples = texts.map((parts) => {
  const tokens = parts.map((text) => tokenizer.encode(text, { allowSpecial: false }));
  return { tokens: tokens.flat(), weights: tokens.flatMap((part, i) => part.map(() => i % 2)) };
});
const options = { learningRate: 5e-3, maxGradientNorm: 1, numerics: decoder.numerics("fast") };
for (let step = 0; step < 80; step++) zs.fineTuneStep(decoder, optimizer, examples, options);
lm.saveDecoder(model, decoder);
tokenizer.save(model);

const settings = {
  ...{ algorithm: "grpo", steps: 15, questionsPerStep: 6, groupSize: 8, actor: { lr: 1e-3, weightDecay: 0 } },
  ...{ model: { path: model, prompt }, data: { files: [questions] }, search: { engine: "local", index } },
  limits: { maxTurns: 2, maxTurnTokens: 16, maxInvalid: 1, topK: 1, answerReserve: 16 },
};
await zs.train(zs.parseConfig(zs.trainConfigSchema, settings, "example"), {
  ...{ path: join(folder, "run"), resume: false },
  onStep: ({ step, rewards }) => console.log(`step ${step}  reward ${rewards.at(-1)?.toFixed(2)}`),
});
rmSync(folder, { recursive: true });

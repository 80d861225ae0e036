/** A tiny language model sees how two questions are looked up, and then looks them up itself in a local search engine. */
import * as lm from "@zerosearch/lm";
import * as torch from "@zerosearch/torch";
import * as zs from "@zerosearch/zerosearch";

const STEPS = 60;
const engine = await zs.FtsIndex.build([
  { id: "1", title: "Vienna", text: "Vienna lies on the Danube." },
  { id: "2", title: "Paris", text: "Paris lies on the Seine." },
]);
const worked = [
  { id: "v", text: "Which river flows through Vienna?", query: "Vienna river", answers: ["Danube"], source: "example" },
  { id: "p", text: "Which river flows through Paris?", query: "Paris river", answers: ["Seine"], source: "example" },
];
const lookUp = async ({ query, answers }: (typeof worked)[number]): Promise<string[]> => {
  const documents = await engine.search(query, { topK: 1 });
  const read = zs.informationText(zs.formatDocuments(documents).text);
  return [`<search> ${query} </search>`, read, `<answer> ${answers[0]} </answer>`];
};
const template = "Question: {question}\n";
const texts = await Promise.all(
  worked.map(async (one) => [zs.agentPrompt(one.text, template), ...(await lookUp(one))]),
);
const tokenizer = lm.trainBpe({ texts: texts.flat(), vocabularySize: 320, specialTokens: ["<|end|>"] });

const shape = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 2 };
const sizes = { vocab_size: 320, max_position_embeddings: 512, rms_norm_eps: 1e-6, initializer_range: 0.1 };
const config = lm.parseDecoderConfig({ model_type: "qwen2", tie_word_embeddings: true, ...shape, ...sizes }, "example");
const decoder = new lm.Decoder(config, lm.initialParameters(config, new torch.Generator(0))).requireGrad();
const optimizer = new zs.AdamW(decoder.parameters, { weightDecay: 0 });
/** Of prompt, search, documents and answer, the second and the fourth are learned. */
const examples = texts.map((parts) => {
  const tokens = parts.map((text) => tokenizer.encode(text, { allowSpecial: false }));
  return { tokens: tokens.flat(), weights: tokens.flatMap((part, i) => part.map(() => i % 2)) };
});
const options = { learningRate: 4e-3, maxGradientNorm: 1, numerics: decoder.numerics("fast") };
for (let step = 1; step <= STEPS; step++) {
  const { loss } = zs.fineTuneStep(decoder, optimizer, examples, options);
  if (step % 20 === 0) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}

const trajectories = await zs.rolloutGroups(worked, {
  policy: zs.enginePolicy(new lm.Engine(decoder, { tokenizer, numerics: "fast" })),
  search: zs.searchEngineOf(engine),
  encodePrompt: ({ text }) => zs.encodePrompt(tokenizer, text, { template }),
  tokenizer,
  seed: 0,
  step: 0,
  noise: 0,
  groupSize: 1,
  stopIds: [],
  sampling: { temperature: 0 },
  limits: { ...zs.DEFAULT_ROLLOUT_LIMITS, topK: 1, maxTurnTokens: 60 },
});
for (const { segments } of trajectories) console.log(segments.map(({ text }) => text).join(""));

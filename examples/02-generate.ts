/** A tokenizer and a tiny language model learn a rhyme, are saved as an ordinary model folder, and go on from its start. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lm from "@zerosearch/lm";
import * as torch from "@zerosearch/torch";

const RHYME =
  "One is the sun, two is a shoe, three is a tree, four is a door, five is a hive, six is a pile of sticks.";
const STEPS = 60;

const tokenizer = lm.trainBpe({ texts: [RHYME], vocabularySize: 300, specialTokens: ["<|end|>"], eosToken: "<|end|>" });
const config = lm.parseDecoderConfig(
  {
    model_type: "qwen2",
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    max_position_embeddings: 256,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
    initializer_range: 0.1,
  },
  "this example",
);
const decoder = new lm.Decoder(config, lm.initialParameters(config, new torch.Generator(0))).requireGrad();
const parameters = [...decoder.parameters.values()];
const firstMoments = parameters.map((parameter) => torch.zeros(parameter.shape));
const secondMoments = parameters.map((parameter) => torch.zeros(parameter.shape));
const text = [...tokenizer.encode(RHYME, { allowSpecial: false }), tokenizer.eosId ?? 0];

for (let step = 1; step <= STEPS; step++) {
  torch.tidy(() => {
    const numerics = decoder.numerics("exact");
    const packed = new lm.PackedSequences([text.slice(0, -1)], numerics);
    const hidden = decoder.forward(packed.tokens, packed.positions, lm.fullAttention(packed, decoder.embeddings));
    const targets = torch.tensor(text.slice(1).map(BigInt));
    const states = hidden.narrow(0, 0, packed.tokenCount);
    const logProbs = lm.tokenLogProbs(states, decoder.outputWeights, targets, { numerics });
    const loss = lm.fineTuningLoss(logProbs, torch.ones([packed.tokenCount]), packed.tokenCount);
    const options = { step, learningRate: 4e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
    torch.adamwStep({ parameters, gradients: torch.grad(loss, parameters), firstMoments, secondMoments }, options);
    if (step % 20 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(3)}`);
  });
}

const folder = mkdtempSync(join(tmpdir(), "zerosearch-rhyme-"));
lm.saveDecoder(folder, decoder, { generation: { eos_token_id: tokenizer.eosId } });
tokenizer.save(folder);
using engine = new lm.Engine(lm.loadDecoder(folder));
const prompt = tokenizer.encode("One is the", { allowSpecial: false });
const generation = engine.add({ prompt, maxTokens: 100, temperature: 0, stopIds: [tokenizer.eosId ?? 0] });
const written = tokenizer.streamingDecoder({ skipSpecial: true });
let line = "One is the";
for await (const { id } of generation) line += written.push(id);
console.log(line + written.flush());
rmSync(folder, { recursive: true });

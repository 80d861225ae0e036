/**
 * Fresh weights that can already copy. Reading an answer from a page is copying: "find where this token stood before,
 * and take what followed" (an induction head; Olsson et al. 2022, arXiv 2209.11895). Training finds such a circuit of
 * two heads only after very many tokens; a model as small as this, trained for minutes, never does. So it is laid out
 * in the beginning, and training turns it into reading:
 *
 * - In every layer W_k = W_q and W_o = W_vᵀ, so that attention finds like and writes what it read (Trockman & Kolter
 *   2023, arXiv 2305.09828, "mimetic initialisation").
 * - Head 0 of layer 0 looks at the previous token: biases of q and k that rotary positions bring in line one step apart.
 *   What it reads it writes into a random subspace R of its own.
 * - Head 0 of layer 1 looks with the current token for R: it finds places whose previous token was this one.
 *
 * Embeddings have unit size and the last norm is small instead, so that the logits of tied embeddings begin near one.
 */
import { type DecoderConfig, initialParameters } from "@zerosearch/lm";
import { type Generator, randn, type Tensor, tensor, tidy } from "@zerosearch/torch";

/** How sharply the previous token is attended to: entries of its q and k. */
const PREVIOUS_TOKEN_AMPLITUDE = Math.sqrt(15);

/** What is left of head 0's own query and key weights, which would disturb its biases. */
const PREVIOUS_TOKEN_WEIGHTS = 0.1;

/** How strongly layer 1 looks for a token in R. */
const MATCH_GAIN = 1.2;

/**
 * Parameters of a decoder with tied embeddings, biases on q, k and v, and at least two layers.
 *
 * @returns float32 tensors of the caller's, requiring no gradient
 */
export function inductionParameters(config: DecoderConfig, generator: Generator): Map<string, Tensor> {
  return tidy(() => {
    const parameters = initialParameters(config, generator);
    const get = (name: string): Tensor => {
      const found = parameters.get(name);
      if (!found) throw new RangeError(`induction initialisation needs a parameter ${name}`);
      return found;
    };
    const { hiddenSize, intermediateSize, layerCount } = config;
    get("model.embed_tokens.weight").mul_(Math.sqrt(hiddenSize));
    get("model.norm.weight").mul_(1 / Math.sqrt(hiddenSize));
    for (let layer = 0; layer < layerCount; layer++) {
      const name = `model.layers.${layer}`;
      get(`${name}.self_attn.k_proj.weight`).copy_(get(`${name}.self_attn.q_proj.weight`));
      get(`${name}.self_attn.o_proj.weight`).copy_(get(`${name}.self_attn.v_proj.weight`).t());
      get(`${name}.mlp.down_proj.weight`).mul_(Math.sqrt(hiddenSize / intermediateSize / (2 * layerCount)));
    }
    layOutInduction(config, get, generator);
    return parameters;
  });
}

function layOutInduction(config: DecoderConfig, get: (name: string) => Tensor, generator: Generator): void {
  const { hiddenSize, headSize, rope } = config;
  const [first, second] = ["model.layers.0.self_attn", "model.layers.1.self_attn"];
  const rowsOfHead = (name: string): Tensor => get(name).narrow(0, 0, headSize); // (D, E) or (D)
  const frequencies = Array.from({ length: headSize / 2 }, (_, pair) => rope.theta ** ((-2 * pair) / headSize));
  const amplitude = PREVIOUS_TOKEN_AMPLITUDE;
  rowsOfHead(`${first}.q_proj.bias`).copy_(tensor([...frequencies.map(() => amplitude), ...frequencies.map(() => 0)]));
  rowsOfHead(`${first}.k_proj.bias`).copy_(
    tensor([
      ...frequencies.map((frequency) => amplitude * Math.cos(frequency)),
      ...frequencies.map((frequency) => amplitude * Math.sin(frequency)),
    ]),
  );
  const subspace = randn([hiddenSize, headSize], { generator }).mul(hiddenSize ** -0.5); // R (E, D)
  get(`${first}.o_proj.weight`).narrow(1, 0, headSize).copy_(subspace);
  rowsOfHead(`${second}.q_proj.weight`).copy_(rowsOfHead(`${first}.v_proj.weight`).mul(MATCH_GAIN));
  rowsOfHead(`${second}.k_proj.weight`).copy_(subspace.t().mul(MATCH_GAIN));
  rowsOfHead(`${first}.q_proj.weight`).mul_(PREVIOUS_TOKEN_WEIGHTS);
  rowsOfHead(`${first}.k_proj.weight`).mul_(PREVIOUS_TOKEN_WEIGHTS);
}

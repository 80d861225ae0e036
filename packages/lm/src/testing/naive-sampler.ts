/** Generation as one would write it first: one text at a time, the whole text through the model for every token. */
import { noGrad, tidy } from "@zerosearch/torch";
import { SamplingError } from "../errors.ts";
import { type GenerationRequest, resolveSampling, type SampledToken } from "../generation/request.ts";
import { sampleTokens } from "../generation/sampler.ts";
import { uniform } from "../generation/uniform.ts";
import type { Decoder } from "../models/decoder.ts";
import { fullAttention } from "../nn/full-attention.ts";
import type { Numerics } from "../nn/numerics.ts";
import { PackedSequences } from "../nn/packed-sequences.ts";

/**
 * The tokens that the engine must give for the same request, stop strings aside.
 *
 * @param firstPlace  tokens of a conversation before those that were added last
 */
export function naiveTokens(
  decoder: Decoder,
  request: GenerationRequest,
  numerics: Numerics,
  firstPlace = 0,
): SampledToken[] {
  const sampling = resolveSampling(request);
  const tokens = [...request.prompt];
  const sampled: SampledToken[] = [];
  while (sampled.length < request.maxTokens) {
    const token = tidy(() =>
      noGrad(() => {
        const packed = new PackedSequences([tokens], numerics);
        const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
        const last = hidden
          .narrow(0, tokens.length - 1, 1)
          .expand([numerics.rowMultiple, -1])
          .contiguous();
        const row = { sampling, uniform: uniform(sampling.seed, firstPlace + sampled.length), seen: tokens };
        return sampleTokens(decoder.logits(last).narrow(0, 0, 1), [row])[0];
      }),
    );
    if (!token) throw new Error("the sampler gave no token");
    if (token instanceof SamplingError) throw token;
    tokens.push(token.id);
    sampled.push(token);
    if (request.stopIds?.includes(token.id)) break;
  }
  return sampled;
}

import { availableParallelism } from "node:os";
import type { Dtype } from "@zerosearch/torch";
import pc from "picocolors";
import { generate } from "../generate.ts";

/** The options as the command line gives them. */
export interface GenerateFlags {
  readonly model: string;
  readonly chat?: boolean;
  readonly maxTokens?: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly dtype?: Dtype;
}

/** `zerosearch generate`: the text on stdout as it comes, the account of it on stderr. */
export async function runGenerate(text: string, flags: GenerateFlags): Promise<void> {
  const { finishReason, promptTokens, tokens, tokensPerSecond } = await generate(
    { ...flags, text, chat: flags.chat ?? false, threads: availableParallelism() },
    (piece) => process.stdout.write(piece),
  );
  process.stdout.write("\n");
  const rate = `${tokensPerSecond.toFixed(1)} tokens/s`;
  console.error(pc.dim(`${promptTokens} tokens read, ${tokens} written, ${rate}, ended by ${finishReason.kind}`));
}

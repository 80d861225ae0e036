import { availableParallelism } from "node:os";
import type { Dtype } from "@zerosearch/torch";
import { InvalidArgumentError } from "commander";
import pc from "picocolors";
import { generate } from "../generate.ts";

/** The options as the command line gives them. */
export interface GenerateFlags {
  readonly model: string;
  readonly chat?: boolean;
  readonly maxTokens?: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
  readonly dtype?: Dtype;
}

/** `zerosearch generate`: the text on stdout as it comes, the account of it on stderr. */
export async function runGenerate(text: string, flags: GenerateFlags): Promise<void> {
  const { finishReason, promptTokens, tokens, tokensPerSecond } = await generate(
    {
      model: flags.model,
      text,
      chat: flags.chat ?? false,
      ...(flags.maxTokens === undefined ? {} : { maxTokens: number(flags.maxTokens, "--max-tokens") }),
      temperature: number(flags.temperature, "--temperature"),
      topP: number(flags.topP, "--top-p"),
      seed: number(flags.seed, "--seed"),
      threads: availableParallelism(),
      ...(flags.dtype ? { dtype: flags.dtype } : {}),
    },
    (piece) => process.stdout.write(piece),
  );
  process.stdout.write("\n");
  const rate = `${tokensPerSecond.toFixed(1)} tokens/s`;
  console.error(pc.dim(`${promptTokens} tokens read, ${tokens} written, ${rate}, ended by ${finishReason.kind}`));
}

function number(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value))
    throw new InvalidArgumentError(`${flag} must be a number, got "${text}"`);
  return value;
}

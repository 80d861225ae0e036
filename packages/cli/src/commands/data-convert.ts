import { type ConvertOptions, convertData } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface DataConvertFlags extends ConvertOptions {
  readonly json?: boolean;
}

/** `zerosearch data convert`: what was left out on stderr, the result on stdout. */
export async function runDataConvert(input: string, output: string, flags: DataConvertFlags): Promise<void> {
  const { json = false, ...options } = flags;
  const converted = await convertData(input, output, options);
  if (json) {
    console.log(JSON.stringify({ path: output, ...converted }));
    return;
  }
  for (const { place, problem } of converted.skipped) console.error(`${pc.yellow("left out")} ${place}: ${problem}`);
  console.log(`${output}: ${converted.written} ${converted.kind}`);
}

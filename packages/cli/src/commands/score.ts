import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { scorePredictions } from "@zerosearch/zerosearch";

/** `zerosearch score`: the means over a file of predictions. */
export async function runScore(file: string, { json }: { readonly json: boolean }): Promise<void> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const { n, exactMatch, coverExactMatch, f1 } = await scorePredictions(lines);
  if (json) {
    console.log(JSON.stringify({ n, exactMatch, coverExactMatch, f1 }));
    return;
  }
  console.log(`${n} predictions`);
  for (const [name, value] of Object.entries({
    "exact match": exactMatch,
    "cover exact match": coverExactMatch,
    F1: f1,
  })) {
    console.log(`${name.padEnd(18)} ${value.toFixed(4)}`);
  }
}

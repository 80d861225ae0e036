/** A simulator that was trained for a tenth of the time: it writes pages, but tells the truth less reliably. */
import { existsSync, renameSync } from "node:fs";
import { saveDecoder } from "@zerosearch/lm";
import { pretrainSimulator, SIMULATOR_PLAN } from "../pretrain/pretrain-simulator.ts";
import { makeTokenizer } from "../tokenizer.ts";

const SHARE = 0.1;

/** Trains it into a folder, unless it is there: two minutes on one thread. @returns the folder */
export async function weakSimulator(folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  const tokenizer = makeTokenizer();
  const { base, simulator, pages } = SIMULATOR_PLAN;
  const plan = {
    ...SIMULATOR_PLAN,
    pages: SHARE * pages,
    base: { ...base, batchCount: SHARE * base.batchCount },
    simulator: { ...simulator, batchCount: SHARE * simulator.batchCount },
  };
  const unfinished = `${folder}.${process.pid}`;
  await pretrainSimulator(tokenizer, plan, {
    report: () => {},
    save: (_, decoder) => {
      saveDecoder(unfinished, decoder, { generation: { eos_token_id: tokenizer.eosId } });
      tokenizer.save(unfinished);
    },
  });
  if (!existsSync(folder)) renameSync(unfinished, folder);
  return folder;
}

/** The world on disk, ready for every command: questions, corpus, and the index that is its real search engine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FtsIndex, readCorpus } from "@zerosearch/zerosearch";
import { type WorldFiles, writeWorld } from "./write-world.ts";

export interface PreparedWorld extends WorldFiles {
  /** Of the corpus, for `engine: "local"`. */
  readonly index: string;
}

/** The questions and the corpus are written anew, the same every time; the index is made where there is none. */
export async function prepareWorld(folder: string): Promise<PreparedWorld> {
  const files = await writeWorld(folder);
  const index = join(folder, "corpus.index");
  if (!existsSync(index)) {
    const built = await FtsIndex.build(readCorpus(files.corpus), { path: index });
    await built.close();
  }
  return { ...files, index };
}

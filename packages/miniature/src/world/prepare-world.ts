/** The world on disk, ready for every command: questions, corpus, and the index that is its real search engine. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FtsIndex, readCorpus } from "@zerosearch/zerosearch";
import { type WorldFiles, worldFiles, writeWorld } from "./write-world.ts";

export interface PreparedWorld extends WorldFiles {
  /** Of the corpus, for `engine: "local"`. */
  readonly index: string;
}

/**
 * Makes the folder if it is not there. It appears with everything in it, so that processes which want it at the same time
 * never read half of a file. One that was made by another version should be deleted.
 */
export async function prepareWorld(folder: string): Promise<PreparedWorld> {
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    const { corpus } = await writeWorld(unfinished);
    const index = await FtsIndex.build(readCorpus(corpus), { path: indexIn(unfinished) });
    await index.close();
    if (existsSync(folder)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, folder);
  }
  return { ...worldFiles(folder), index: indexIn(folder) };
}

function indexIn(folder: string): string {
  return join(folder, "corpus.index");
}

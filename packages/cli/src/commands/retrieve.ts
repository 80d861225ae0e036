import { once } from "node:events";
import { FtsIndex, type RetrieverServer, serveRetriever } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface RetrieveFlags {
  readonly host: string;
  /** Each answers both contracts: 6002 is where the reference's client asks, 8000 where Search-R1's does. */
  readonly port: readonly number[];
}

/** `zerosearch retrieve`: serves an index until Ctrl-C. */
export async function runRetrieve(indexPath: string, { host, port: ports }: RetrieveFlags): Promise<void> {
  const index = FtsIndex.open(indexPath);
  const servers: RetrieverServer[] = [];
  try {
    for (const port of ports) servers.push(await serveRetriever(index, { host, port }));
    for (const { url } of servers) console.log(`${url}/retrieve`);
    console.error(pc.dim(`${index.passageCount} passages of ${indexPath}; Ctrl-C ends`));
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  } finally {
    for (const server of servers) await server.close();
    await index.close();
  }
}

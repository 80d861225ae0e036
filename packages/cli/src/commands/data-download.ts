import { DATASETS, datasetsNamed, defaultCacheFolder, downloadFromHub } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** The options as the command line gives them. */
export interface DataDownloadFlags {
  /** Where downloads are kept. */
  readonly cache?: string;
  readonly json?: boolean;
}

/** `zerosearch data download`: progress on stderr, the files' paths on stdout; Ctrl-C keeps what has arrived. */
export async function runDataDownload(names: readonly string[], flags: DataDownloadFlags): Promise<void> {
  const { cache: cacheFolder = defaultCacheFolder(), json = false } = flags;
  if (names.length === 0) {
    listDatasets(json);
    return;
  }
  const datasets = datasetsNamed(names);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new Error("interrupted: what has arrived is kept, ask again"));
  process.once("SIGINT", onInterrupt);
  try {
    for (const { name, repository, file } of datasets) {
      const path = await downloadFromHub(
        { repository, file, kind: "dataset", cacheFolder },
        { signal: interrupt.signal, onProgress: ({ doneBytes, totalBytes }) => show(name, doneBytes, totalBytes) },
      ).finally(clear);
      console.log(json ? JSON.stringify({ name, repository, file, path }) : path);
    }
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

function listDatasets(json: boolean): void {
  if (json) {
    for (const dataset of DATASETS) console.log(JSON.stringify(dataset));
    return;
  }
  const groups = [...new Set(DATASETS.map(({ group }) => group))];
  for (const group of groups) {
    console.log(pc.bold(group));
    const ofGroup = DATASETS.filter((dataset) => dataset.group === group);
    const width = Math.max(...ofGroup.map(({ name }) => name.length));
    for (const { name, title, repository } of ofGroup) console.log(`  ${name.padEnd(width)}  ${title} (${repository})`);
  }
}

/** One line that is written over, where somebody watches. */
function show(name: string, doneBytes: number, totalBytes: number): void {
  if (!process.stderr.isTTY) return;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  process.stderr.write(`\r${pc.dim(`${name}: ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`)}`);
}

function clear(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

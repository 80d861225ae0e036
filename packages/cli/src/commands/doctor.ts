import { currentAddon, explainMissing, findLibtorch } from "@zerosearch/torch/toolchain";
import pc from "picocolors";
import type { Diagnosis } from "../doctor.ts";

/** `zerosearch doctor` */
export async function runDoctor({ json }: { json: boolean }): Promise<void> {
  const { libtorch: found, rejected } = findLibtorch();
  if (currentAddon() === undefined) {
    const reason = found === undefined ? explainMissing(rejected) : `libtorch is at ${found.root}`;
    throw new Error(`The native addon has not been built. ${reason}\nRun: npm run setup`);
  }
  const { diagnose } = await import("../doctor.ts");
  const diagnosis = diagnose();
  if (json) {
    console.log(JSON.stringify({ ...diagnosis, rejected }, null, 2));
    return;
  }
  console.log(describe(diagnosis));
  for (const { source, root, reason } of rejected) {
    console.log(`  ${pc.dim(`passed over: ${source} (${root}): ${reason}`)}`);
  }
  for (const warning of diagnosis.warnings) console.log(`${pc.yellow("warning")} ${warning}`);
}

function describe({ node, libtorch, blas, threads, gflops }: Diagnosis): string {
  const rows = [
    ["Node", node],
    ["libtorch", `${libtorch.version} from ${libtorch.source} (${libtorch.root})`],
    ["device", libtorch.cuda ? `CUDA, ${libtorch.cudaDevices} usable` : "CPU"],
    ...libtorch.notes.map((note) => ["", note]),
    ["Gloo", libtorch.gloo ? "yes" : "no"],
    ["BLAS", blas.path === "" ? `${blas.kind}, inside libtorch` : `${blas.kind} (${blas.path})`],
    ["threads", `${threads.used} of ${threads.available}`],
    ["speed", `${gflops.toFixed(0)} GFLOP/s (float32 product, 1024 × 1024)`],
  ];
  return rows.map(([name = "", value]) => `${pc.bold(name.padEnd(9))} ${value}`).join("\n");
}

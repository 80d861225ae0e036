import pc from "picocolors";
import type { Diagnosis } from "./doctor.ts";
import { blasName } from "./product-libraries.ts";
import type { Float32Speed, ProductSpeed } from "./product-speeds.ts";
import { percent } from "./warnings.ts";

/** A diagnosis but for its warnings, one line for each fact. */
export function doctorText({ node, libtorch, blas, products, threads, speeds }: Diagnosis): string {
  const rows = [
    ["Node", node],
    ["libtorch", `${libtorch.version} from ${libtorch.source} (${libtorch.root})`],
    ["device", libtorch.cuda ? `CUDA, ${libtorch.cudaDevices} usable` : "CPU"],
    ...libtorch.notes.map((note) => ["", note]),
    ["Gloo", libtorch.gloo ? "yes" : "no"],
    ["BLAS", blas.path === "" ? blasName(blas) : `${blasName(blas)} (${blas.path})`],
    ["products", `float32: ${products.float32}; float64: ${products.float64}; bfloat16: ${products.bfloat16}`],
    ["threads", `${threads.used} of ${threads.available}`],
    ...speeds.float32.map((speed, i) => [i === 0 ? "speed" : "", speedText("float32", speed, threads.used)]),
    ["", speedText("bfloat16", speeds.bfloat16, threads.used)],
  ];
  return rows.map(([name = "", value]) => `${pc.bold(name.padEnd(9))} ${value}`).join("\n");
}

/** Such as `float32 512 × 1536 × 576: 112 GFLOP/s on one thread, 85 % of its multiply-adds (131); 215 on 2`. */
function speedText(dtype: string, speed: ProductSpeed | Float32Speed, threads: number): string {
  const { rows, inputs, outputs, oneThread, allThreads } = speed;
  return (
    `${dtype} ${rows} × ${inputs} × ${outputs}: ${oneThread.toFixed(0)} GFLOP/s on one thread` +
    ("share" in speed ? `, ${percent(speed.share)} of its multiply-adds (${speed.multiplyAdds.toFixed(0)})` : "") +
    (threads > 1 ? `; ${allThreads.toFixed(0)} on ${threads}` : "")
  );
}

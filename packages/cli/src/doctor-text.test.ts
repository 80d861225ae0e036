import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Diagnosis } from "./doctor.ts";
import { doctorText } from "./doctor-text.ts";

const diagnosis: Diagnosis = {
  node: "20.19.0",
  libtorch: {
    version: "2.9.1",
    root: "/opt/torch",
    source: "LIBTORCH",
    cuda: false,
    cudaDevices: 0,
    gloo: true,
    notes: ["CPU only: no libtorch_cuda.so"],
  },
  blas: { kind: "openblas", path: "/usr/lib/openblas/libblas.so.3" },
  products: { float32: "the addon's own (avx512)", float64: "OpenBLAS", bfloat16: "oneDNN inside libtorch" },
  threads: { used: 2, available: 2 },
  speeds: {
    float32: [
      { rows: 512, inputs: 1536, outputs: 576, oneThread: 111.6, allThreads: 215.2, multiplyAdds: 131, share: 0.852 },
    ],
    bfloat16: { rows: 256, inputs: 1536, outputs: 576, oneThread: 233.9, allThreads: 441.8 },
  },
  warnings: [],
};
const linesOf = (shown: Diagnosis) => stripVTControlCharacters(doctorText(shown)).split("\n");

test("a diagnosis says what computes products and how fast, with the share of what the processor can", () => {
  expect(linesOf(diagnosis)).toEqual([
    "Node      20.19.0",
    "libtorch  2.9.1 from LIBTORCH (/opt/torch)",
    "device    CPU",
    "          CPU only: no libtorch_cuda.so",
    "Gloo      yes",
    "BLAS      OpenBLAS (/usr/lib/openblas/libblas.so.3)",
    "products  float32: the addon's own (avx512); float64: OpenBLAS; bfloat16: oneDNN inside libtorch",
    "threads   2 of 2",
    "speed     float32 512 × 1536 × 576: 112 GFLOP/s on one thread, 85 % of its multiply-adds (131); 215 on 2",
    "          bfloat16 256 × 1536 × 576: 234 GFLOP/s on one thread; 442 on 2",
  ]);
});

test("one thread is all there is to say of a single core", () => {
  const lines = linesOf({ ...diagnosis, threads: { used: 1, available: 1 } });
  expect(lines.at(-1)).toBe("          bfloat16 256 × 1536 × 576: 234 GFLOP/s on one thread");
});

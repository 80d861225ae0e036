import { existsSync, realpathSync } from "node:fs";
import type { Libtorch } from "@zerosearch/torch";

type BlasKind = "openblas" | "mkl" | "accelerated" | "reference" | "unknown";

/** The library that libtorch leaves matrix products to: those that are not the addon's own. */
export interface Blas {
  readonly kind: BlasKind;
  /** Its file; empty where it is built into libtorch, as MKL is in the builds that PyTorch publishes. */
  readonly path: string;
}

/** Tells the BLAS from the file that provides it, or from libtorch's own account where there is none. */
export function blasOf({ blasLibrary, configuration }: Pick<Libtorch, "blasLibrary" | "configuration">): Blas {
  const isBuiltIn = blasLibrary === "" || blasLibrary.includes("libtorch");
  if (isBuiltIn) return { kind: /BLAS_INFO=mkl|Math Kernel/.test(configuration) ? "mkl" : "unknown", path: "" };
  const path = existsSync(blasLibrary) ? realpathSync(blasLibrary) : blasLibrary;
  return { kind: kindOfFile(path), path };
}

/** From a path with links followed, such as `/usr/lib/…/openblas-pthread/libblas.so.3`. */
function kindOfFile(path: string): BlasKind {
  if (path.includes("openblas")) return "openblas";
  if (path.includes("mkl")) return "mkl";
  if (/blis|atlas|armpl/.test(path)) return "accelerated";
  return /\/blas\/|\/libblas\.so/.test(path) ? "reference" : "unknown";
}

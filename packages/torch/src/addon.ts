/** Finding and loading the native addon, and its functions as TypeScript sees them. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { AddonError } from "./errors.ts";

/** What the build recorded of the libtorch it linked. */
export interface LibtorchFacts {
  readonly root: string;
  readonly version: string;
  /** Where it was found: `LIBTORCH`, a Python, the system. */
  readonly source: string;
  readonly cuda: boolean;
  readonly gloo: boolean;
  readonly libDir: string;
  /** What was passed over, and why. */
  readonly notes: readonly string[];
}

/** The native functions. Handles are positive integers, 0 is "no tensor"; what each does stands beside it in native/. */
export interface Binding {
  call(operator: number, length: number): number;
  resolve(name: string, overload: string, argumentNames: readonly string[], argumentKinds: readonly string[]): number;
  schema(name: string, overload: string): string;
  setScratch(scratch: Float64Array): void;
  internString(text: string): number;
  setErrorFactory(factory: (kind: string, message: string, operator: string, shapes: string) => Error): void;

  fromBytes(bytes: Uint8Array, shape: readonly number[], dtype: number): number;
  copyBytes(tensor: number, target: Uint8Array): void;
  share(tensor: number): ArrayBuffer;
  shape(tensor: number): number[];
  strides(tensor: number): number[];
  dtype(tensor: number): number;
  device(tensor: number): number;
  release(tensor: number): boolean;
  releaseMany(count: number): void;
  liveTensors(): number;

  setGradEnabled(enabled: boolean): boolean;
  gradEnabled(): boolean;
  backward(roots: readonly number[], gradients: readonly number[], retainGraph: boolean, createGraph: boolean): void;
  grad(
    roots: readonly number[],
    gradients: readonly number[],
    inputs: readonly number[],
    retainGraph: boolean,
    createGraph: boolean,
    allowUnused: boolean,
  ): number[];
  gradOf(tensor: number): number;
  setGrad(tensor: number, gradient: number): void;
  requiresGrad(tensor: number): boolean;
  setRequiresGrad(tensor: number, value: boolean): void;
  isLeaf(tensor: number): boolean;
  tensorVersion(tensor: number): number;

  createGenerator(device: number, seed: number): number;
  releaseGenerator(generator: number): boolean;
  generatorState(generator: number): number;
  setGeneratorState(generator: number, state: number): void;
  manualSeed(device: number, seed: number): void;

  recordBegin(inputs: readonly number[], checkpoint: boolean): void;
  recordAbort(): void;
  recordEnd(outputs: readonly number[]): number;
  checkpointEnd(inputs: readonly number[], outputs: readonly number[]): number[];
  programRun(program: number, inputs: readonly number[]): Promise<number[]>;
  programRunSync(program: number, inputs: readonly number[]): number[];
  programFacts(program: number): number[];
  releaseProgram(program: number): boolean;

  version(): string;
  buildConfiguration(): string;
  cudaDevices(): number;
  allocatedBytes(): number;
  threads(): number;
  setThreads(count: number): void;
  blasLibrary(): string;
  productInstructions(): string;
  multiplyAddRate(): number;
}

/**
 * Loads the addon that the set-up built.
 *
 * @throws {AddonError} it was never built, or the dynamic linker refuses it
 */
export function loadAddon(): { binding: Binding; libtorch: LibtorchFacts } {
  const record = new URL("../build/current.json", import.meta.url);
  let built: { addon: string; libtorch: LibtorchFacts };
  try {
    built = JSON.parse(readFileSync(record, "utf8"));
  } catch (cause) {
    throw new AddonError("the native addon has not been built. Run: npm run setup", { cause });
  }
  const path = fileURLToPath(new URL(built.addon, record));
  try {
    return { binding: createRequire(import.meta.url)(path) as Binding, libtorch: built.libtorch };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AddonError(`the native addon can't be loaded: ${reason}. Build it anew: npm run setup`, { cause });
  }
}

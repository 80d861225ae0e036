/**
 * The state of this thread's libtorch: the addon, its operators, the scope that owns new tensors. The only module of
 * the package with mutable state, which is a thread's own: workers load an addon, and own tensors, of their own.
 */
import { type Binding, type LibtorchFacts, loadAddon } from "./addon.ts";
import { type CallHost, CallWriter } from "./call-writer.ts";
import { AddonError, ArgumentError, TorchError, UseAfterFreeError } from "./errors.ts";
import { OPERATORS } from "./operators.generated.ts";
import { ScopeStack } from "./scope-stack.ts";
import type { Tensor } from "./tensor.ts";

const loaded = loadAddon();

/** The native functions. */
export const binding: Binding = loaded.binding;

/** What the addon was built against. */
export const libtorchFacts: LibtorchFacts = loaded.libtorch;

binding.setErrorFactory((kind, message, operator, shapes) => {
  if (kind === "use-after-free") return new UseAfterFreeError(operator || message, message);
  if (kind === "argument") return new ArgumentError(operator ? `${operator}: ${message}` : message);
  return new TorchError(message, operator || "libtorch", shapes);
});

/** Who owns new tensors. */
export const scopes: ScopeStack = new ScopeStack(binding);

let makeTensor: ((handle: number) => Tensor) | undefined;
let readGenerator: ((generator: unknown) => number) | undefined;

/** tensor.ts and random.ts say how their classes are made and read: importing them from here would be a circle. */
export function registerClasses(classes: {
  makeTensor?: (handle: number) => Tensor;
  readGenerator?: (generator: unknown) => number;
}): void {
  makeTensor = classes.makeTensor ?? makeTensor;
  readGenerator = classes.readGenerator ?? readGenerator;
}

/** Makes a tensor of a new handle, owned by the innermost scope. */
export function own(handle: number): Tensor {
  if (!makeTensor) throw new AddonError("internal: tensor.ts has not been loaded");
  const tensor = makeTensor(handle);
  scopes.adopt(tensor, handle);
  return tensor;
}

const host: CallHost = {
  binding,
  operators: resolveOperators(),
  own,
  generatorHandle: (generator) => readGenerator?.(generator) ?? -1,
};

/** Where operators write their arguments. */
export const call: CallWriter = new CallWriter(host);
scopes.useRoom((length) => call.room(length));

/** Whether this libtorch has an operator that the allow-list marks with `since`. */
export function hasOperator(name: string): boolean {
  const row = OPERATORS.findIndex((operator) => operator.name === name);
  return host.operators[row] !== undefined;
}

function resolveOperators(): (number | undefined)[] {
  const missing: string[] = [];
  const numbers = OPERATORS.map(({ name, overload, argumentNames, argumentKinds, since }) => {
    try {
      return binding.resolve(name, overload, argumentNames, argumentKinds);
    } catch (error) {
      if (since === undefined) missing.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  });
  if (missing.length > 0) {
    throw new AddonError(
      `libtorch ${binding.version()} does not fit: ${missing.length} operators are missing or different. ` +
        `Use libtorch 1.13 or newer, or mend packages/torch/ops.txt.\n  ${missing.join("\n  ")}`,
    );
  }
  return numbers;
}

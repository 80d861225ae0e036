/** The errors of this package. Every failure of libtorch, of an argument or of the set-up arrives as one of these. */

/** libtorch refused an operator. `message` is libtorch's own, without its C++ backtrace. */
export class TorchError extends Error {
  override readonly name = "TorchError";
  readonly code = "ERR_TORCH";
  /** The operator, such as `aten::mm`. */
  readonly operator: string;
  /** The shapes of the tensors among its arguments, such as `[2, 3], [4, 5]`. */
  readonly argumentShapes: string;

  constructor(message: string, operator: string, argumentShapes: string) {
    super(`${operator}(${argumentShapes}): ${message}`);
    this.operator = operator;
    this.argumentShapes = argumentShapes;
  }
}

/** A value passed to this package has the wrong type, is out of range or can't be used where it was used. */
export class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
  readonly code = "ERR_ARGUMENT";
}

/** A tensor, generator or program was used after it had been disposed of. */
export class UseAfterFreeError extends Error {
  override readonly name = "UseAfterFreeError";
  readonly code = "ERR_USE_AFTER_FREE";
  /** The operator or property that met it. */
  readonly operator: string;

  constructor(operator: string, argument: string) {
    super(
      `${operator}: ${argument} has been freed. It was disposed of, or the tidy() that made it has ended: return it from tidy(), or keep() it.`,
    );
    this.operator = operator;
  }
}

/** The native addon is missing, or does not fit the libtorch it finds. The message says what to run. */
export class AddonError extends Error {
  override readonly name = "AddonError";
  readonly code = "ERR_ADDON";
}

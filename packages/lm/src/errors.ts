/** The errors of this package, each for one boundary at which a model can fail. */

/** A model folder, or a file in it, is missing, malformed or does not fit the others. The message names the file. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
  readonly code = "ERR_MODEL_FILE";
}

/** A request can't be served as it stands: an option out of range, a prompt that is too long. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code = "ERR_REQUEST";
}

/** A model's logits are not numbers that a token could be drawn by. Other texts of the same batch are not concerned. */
export class SamplingError extends Error {
  override readonly name = "SamplingError";
  readonly code = "ERR_SAMPLING";
}

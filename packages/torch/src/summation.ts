/** In which order the inputs of a product are summed. */
export interface Summation {
  /** Lengths of the parts that are summed for themselves, one product after the other, and then added up. */
  readonly parts: readonly number[];
  /** Multiply and add in one operation, rounded once; otherwise rounded twice. */
  readonly isFused: boolean;
}

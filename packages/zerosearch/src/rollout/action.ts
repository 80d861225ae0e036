/** What the policy does in a turn, parsed from its own tokens only. */

export type Action =
  | { readonly kind: "search"; readonly query: string }
  | { readonly kind: "answer"; readonly answer: string }
  /** Neither, or an empty search. */
  | { readonly kind: "invalid" };

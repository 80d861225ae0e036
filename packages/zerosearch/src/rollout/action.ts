/** What the policy does in a turn, parsed from its own tokens only. */

export type Action =
  | { readonly kind: "search"; readonly query: string }
  | { readonly kind: "answer"; readonly answer: string }
  /** Neither, or an empty search. */
  | { readonly kind: "invalid" };

/** Where generation stops: a turn ends with the token that completes one of these. */
export const ACTION_ENDS: readonly string[] = ["</search>", "</answer>"];

const ACTION = /<(?<tag>search|answer)>(?<content>.*?)<\/\k<tag>>/su;

/**
 * The first complete search or answer in a turn's text (§3.2). Earlier turns, observations and the prompt have no part in
 * it, so neither the prompt's example nor a document can be taken for an action (defects D2 and D31 of the reference).
 *
 * @param text  what the policy wrote in this turn
 */
export function parseAction(text: string): Action {
  const { tag, content = "" } = ACTION.exec(text)?.groups ?? {};
  const trimmed = content.trim();
  if (tag === "answer") return { kind: "answer", answer: trimmed };
  return tag === "search" && trimmed !== "" ? { kind: "search", query: trimmed } : { kind: "invalid" };
}

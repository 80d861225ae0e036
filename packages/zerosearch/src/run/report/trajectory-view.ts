/** A trajectory for people: what was read and written, which tokens are learned, what the documents were meant to be. */
import { policyTokenCount, searchesOf, tokenSequence } from "../../rollout/policy-tokens.ts";
import type { ObservationSegment, Segment } from "../../rollout/trajectory.ts";
import type { SimulationRecord } from "../../search/search-engine.ts";
import { holdsAnswer } from "../../search/simulator/label-check.ts";
import type { TrajectoryRecord } from "../trajectory-line.ts";
import { countText, numberText } from "./format.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { isRight } from "./trajectory-pairs.ts";

/** What a stretch of text is; the style sheet has a colour for each. */
type Kind = "prompt" | "think" | "search" | "information" | "answer" | "other";

/** @param title  such as `Before`, or `Best of its group` */
export function trajectoryView(title: string, record: TrajectoryRecord): Html {
  const { answer, question, stopReason, segments } = record.trajectory;
  const given = answer === null ? `no answer: ${stopReason.replaceAll("-", " ")}` : answer;
  const [verdict, sign] = isRight(record) ? ["right", "✓"] : ["wrong", "✗"];
  return html`<article class="trajectory">
<h4>${title} <span class="verdict ${verdict}">${sign} ${given}</span></h4>
<p class="facts">${factsOf(record).join(" · ")}</p>
${maskStrip(segments)}
${segments.map((segment) => segmentView(segment, question.answers))}
</article>`;
}

function factsOf({ trajectory, score, advantages }: TrajectoryRecord): string[] {
  const learned = advantages?.advantages;
  const tokens = tokenSequence(trajectory).tokens.length;
  return [
    `reward ${numberText(score.reward)}`,
    ...(learned?.length
      ? [`advantage ${numberText(learned.reduce((sum, one) => sum + one, 0) / learned.length)}`]
      : []),
    countText(searchesOf(trajectory).length, "search", "searches"),
    `${policyTokenCount(trajectory)} of ${countText(tokens, "token", "tokens")} its own`,
  ];
}

/** All tokens from left to right: the policy's own solid, masked ones hatched. */
function maskStrip(segments: readonly Segment[]): Html {
  const parts = segments.filter(({ tokens }) => tokens.length > 0);
  const words = parts.map(({ kind, tokens }) => `${tokens.length} ${kind === "action" ? "own" : "masked"}`).join(", ");
  return html`<div class="strip" role="img" aria-label="Tokens in order: ${words}">${parts.map(
    (segment) => html`<i class="${kindOf(segment)} ${maskOf(segment)}" style="flex-grow:${segment.tokens.length}"></i>`,
  )}</div>`;
}

function segmentView(segment: Segment, answers: readonly string[]): Html {
  switch (segment.kind) {
    case "prompt":
      return html`<details class="stretch prompt masked"><summary><span class="label">prompt</span> <span class="aside">${countText(segment.tokens.length, "token", "tokens")}, masked</span></summary><p class="text">${segment.text.trim()}</p></details>`;
    case "action":
      return html`${stretchesOf(segment.text).map(({ kind, text }) => stretch(kind, "own", text))}`;
    case "observation":
      return segment.result
        ? stretch("information", "masked", documentsView(segment, answers), labelsOf(segment.result.simulation))
        : stretch("other", "masked", segment.text.trim());
    default:
      return segment satisfies never;
  }
}

function stretch(kind: Kind, mask: "own" | "masked", text: HtmlValue, labels?: HtmlValue): Html {
  const name = kind === "other" ? (mask === "own" ? "written" : "told") : kind;
  return html`<div class="stretch ${kind} ${mask}"><p class="label">${name}</p><div class="text">${labels}${text}</div></div>`;
}

/** A policy may well write an information block of its own. */
const TAGGED = /<(think|search|information|answer)>.*?(?:<\/\1>|$)/gsu;

/** A turn's text, cut where its tags begin and end. What stands between is `other`. */
function stretchesOf(turn: string): { readonly kind: Kind; readonly text: string }[] {
  const tagged = [...turn.matchAll(TAGGED)];
  const parts = tagged.flatMap((match, i) => {
    const previous = tagged[i - 1];
    const from = previous ? previous.index + previous[0].length : 0;
    return [
      { kind: "other" as const, text: turn.slice(from, match.index) },
      { kind: match[1] as Kind, text: match[0] },
    ];
  });
  const last = tagged.at(-1);
  const rest = { kind: "other" as const, text: turn.slice(last ? last.index + last[0].length : 0) };
  return [...parts, rest].map(({ kind, text }) => ({ kind, text: text.trim() })).filter(({ text }) => text !== "");
}

/** What the page was meant to be, and whether it is. Real engines mean nothing. */
function labelsOf(simulation: SimulationRecord | undefined): Html | undefined {
  if (!simulation) return undefined;
  const { intent, isDeserved, holdsAnswer: holds, isRepeated, draws } = simulation;
  const chips = [
    intent,
    ...(isDeserved ? [] : ["truth withheld"]),
    holds ? "holds the answer" : "without the answer",
    ...(isRepeated ? ["same page again"] : []),
    ...(draws > 1 ? [`${draws} draws`] : []),
  ];
  return html`<p class="chips">${chips.map((chip) => html`<span class="chip">${chip}</span>`)}</p>`;
}

/** The documents as they were read, a line each; those that hold a golden answer are marked. */
function documentsView({ text }: ObservationSegment, answers: readonly string[]): Html {
  const lines = text.trim().split("\n");
  return html`${lines.map((line) => {
    const holds = holdsAnswer([{ text: line }], answers);
    return html`<span class="document">${marked(line, answers)}${holds && html` <span class="chip">✓ answer</span>`}</span>`;
  })}`;
}

/** Golden answers set off, as far as they stand there letter for letter. */
function marked(text: string, answers: readonly string[]): Html {
  const golden = answers.filter((answer) => answer.trim() !== "").map((answer) => escapedPattern(answer.trim()));
  if (golden.length === 0) return html`${text}`;
  const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}])(${golden.join("|")})(?![\\p{L}\\p{N}])`, "giu"));
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<mark>${part}</mark>` : part))}`;
}

function escapedPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function kindOf(segment: Segment): Kind {
  if (segment.kind === "prompt") return "prompt";
  if (segment.kind === "observation") return segment.result ? "information" : "other";
  return segment.action.kind === "invalid" ? "other" : segment.action.kind;
}

function maskOf({ kind }: Segment): "own" | "masked" {
  return kind === "action" ? "own" : "masked";
}

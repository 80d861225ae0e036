/** Trajectories side by side: before and after training, and the best and the worst of a group that was learned from. */
import type { TrajectoryRecord } from "../trajectory-line.ts";
import { type Comparison, temperatureText } from "./comparisons.ts";
import { countText } from "./format.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import type { RunRecord } from "./read-run.ts";
import { OUTCOMES, pairsOf, pickPairs, type TrajectoryPair, widestGroup } from "./trajectory-pairs.ts";
import { trajectoryView } from "./trajectory-view.ts";

/** At most so many evaluations are shown, the first of {@link comparisonsOf}. */
const MOST_EVALUATIONS = 2;

/** @returns undefined where no trajectory was kept */
export function trajectorySections(run: RunRecord, comparisons: readonly Comparison[]): Html | undefined {
  const compared = comparisons
    .map((comparison) => ({ comparison, pairs: pairsOf(comparison, run.evaluated) }))
    .filter(({ pairs }) => pairs.length > 0);
  // One of each name, drawn at the lowest temperature: the differences are clearest there.
  const shown = compared
    .filter(({ comparison: { name } }, i) => compared.findIndex((other) => other.comparison.name === name) === i)
    .slice(0, MOST_EVALUATIONS);
  const group = widestGroup(run.rollouts);
  if (shown.length === 0 && !group) return undefined;
  return html`<section id="trajectories"><h2>Trajectories</h2>
<p class="lead">What the policy wrote has a solid bar: these are the tokens that training learns from. What it read has a hatched bar: these are masked.</p>
${KEY}
${shown.map(({ comparison, pairs }) => pairsView(comparison, pairs))}
${group && groupView(group, run.rollouts[0]?.step)}
</section>`;
}

const KEY: Html = html`<ul class="key" aria-label="Colours">${[
  "prompt",
  "think",
  "search",
  "information",
  "answer",
].map((kind) => html`<li class="${kind}">${kind}</li>`)}</ul>`;

function pairsView({ name, temperature, before, after }: Comparison, pairs: readonly TrajectoryPair[]): Html {
  const counts = OUTCOMES.map(
    (outcome) => `${pairs.filter((pair) => pair.outcome === outcome).length} ${outcome}`,
  ).join(", ");
  return html`<h3>${name}, ${temperatureText(temperature)}</h3>
<p class="lead">${countText(pairs.length, "question was", "questions were")} kept: ${counts}.</p>
${pickPairs(pairs).map(({ before: earlier, after: later, outcome }, i) =>
  sideBySide({
    name: `${name} ${temperature}`,
    isOpen: i === 0,
    summary: html`<span class="outcome">${outcome}</span>`,
    sides: [
      [`Before, step ${before.step}`, earlier],
      [`After, step ${after.step}`, later],
    ],
  }),
)}`;
}

function groupView([worst, best]: readonly [TrajectoryRecord, TrajectoryRecord], step: number | undefined): Html {
  return html`<h3>In training</h3>
<p class="lead">The worst and the best rollout of one group of step ${step}: their difference is what was learned from.</p>
${sideBySide({
  name: "training",
  isOpen: false,
  summary: html`<span class="outcome">worst and best</span>`,
  sides: [
    ["Worst", worst],
    ["Best", best],
  ],
})}`;
}

interface SideBySide {
  /** Of the pairs that share one, one is open at a time. */
  readonly name: string;
  readonly isOpen: boolean;
  readonly summary: HtmlValue;
  readonly sides: readonly (readonly [title: string, record: TrajectoryRecord])[];
}

function sideBySide({ name, isOpen, summary, sides }: SideBySide): Html {
  const question = sides[0]?.[1].trajectory.question;
  return html`<details class="pair" name="${name}"${isOpen && html` open`}><summary>${summary} <span class="question">${question?.text}</span> <small>${question?.source}</small></summary>
<p class="golden">Golden ${question?.answers.length === 1 ? "answer" : "answers"}: <b>${question?.answers.join(" · ")}</b></p>
<div class="sides">${sides.map(([title, record]) => trajectoryView(title, record))}</div>
</details>`;
}

/** The report as one HTML page that needs nothing but itself. */
import { createHash } from "node:crypto";
import { beforeAfterTable } from "./before-after.ts";
import { type Comparison, comparisonsOf } from "./comparisons.ts";
import { learningCurves, optimizerCurves, searchingCurves, simulatorCurves, speedCurves } from "./curves.ts";
import { durationText } from "./format.ts";
import { type Heading, headingOf } from "./heading.ts";
import { Html, html } from "./html.ts";
import { headerView, tilesView, warningsView } from "./overview.ts";
import type { RunRecord } from "./read-run.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { trajectorySections } from "./trajectory-sections.ts";
import { warningsOf } from "./warnings.ts";

/** A browser loads nothing and runs no script but this one, should a text of a run ever be taken for markup. */
const SECURITY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;

export function reportPage(run: RunRecord): string {
  const heading = headingOf(run);
  const comparisons = comparisonsOf(run.evaluations);
  const { markup } = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${SECURITY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${run.name} · ZeroSearch</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${headerView(run.name, heading)}
<main>
${warningsView(warningsOf(run))}
${tilesView(run, comparisons)}
${chartSection("Learning", learningCurves(run.metrics, run.evaluations), LEARNING_LEAD)}
${beforeAfterSection(comparisons)}
${chartSection("Searching", searchingCurves(run.metrics))}
${chartSection("Simulator", simulatorCurves(run.metrics), SIMULATOR_LEAD)}
${trajectorySections(run, comparisons)}
${chartSection("Optimisation", optimizerCurves(run.metrics))}
${chartSection("Time and speed", speedCurves(run.metrics))}
${runSection(run, heading)}
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>`;
  return `<!doctype html>\n${markup}\n`;
}

const LEARNING_LEAD =
  "Here and below a dot is a step, a line smooths over its neighbours, and a band is an interval of 95 %.";

const SIMULATOR_LEAD =
  "A useful page should hold a right answer, a noisy one should not, and neither should one whose query does not deserve " +
  "the truth, which the simulator was then not told.";

function chartSection(title: string, charts: readonly Html[], lead?: string): Html | undefined {
  if (charts.length === 0) return undefined;
  return html`<section><h2>${title}</h2>${lead !== undefined && html`<p class="lead">${lead}</p>`}<div class="charts">${charts}</div></section>`;
}

function beforeAfterSection(comparisons: readonly Comparison[]): Html | undefined {
  if (comparisons.length === 0) return undefined;
  return html`<section><h2>Before and after</h2>
<p class="lead">Questions that were not learned from. Ranges are intervals of 95 %; those of the changes take the two evaluations as independent, which on the same questions is rather too cautious.</p>
${beforeAfterTable(comparisons)}</section>`;
}

function runSection({ facts, config }: RunRecord, heading: Heading): Html {
  const { algorithm, model, engine, batch, reward, seed, seconds, createdAt, versions, machine } = heading;
  const rows = Object.entries({
    Algorithm: algorithm,
    Policy: model,
    "Search engine": engine,
    Step: batch,
    Reward: reward,
    Seed: String(seed),
    Begun: createdAt.replace(/T(\d+:\d+).*/, " $1 UTC"),
    "Time of all steps": seconds === undefined ? undefined : durationText(seconds),
    Versions: versions.join(", "),
    Machine: machine,
    Run: facts.id,
  });
  return html`<section><h2>The run</h2>
<dl class="facts-list">${rows.map(([name, value]) => value !== undefined && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<details><summary>Configuration</summary><pre>${JSON.stringify(config, null, 2)}</pre></details></section>`;
}

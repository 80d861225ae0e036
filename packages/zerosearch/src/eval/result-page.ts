/** `result.html`: a result as one page that needs nothing but itself, and runs nothing. */
import type { Interval } from "../core/statistics.ts";
import { countText, dollarsText, percentText } from "../run/report/format.ts";
import { Html, html } from "../run/report/html.ts";
import type { EvaluationResult, Scores } from "./evaluation-result.ts";
import type { Prediction } from "./prediction-log.ts";
import { resultFacts } from "./result-facts.ts";
import { RESULT_PAGE_STYLE } from "./result-page-style.ts";

/** More would make the page slow; all are in the file beside it. */
const MOST_PREDICTIONS = 400;

export function resultPage(result: EvaluationResult, predictions: readonly Prediction[]): string {
  const { config } = result;
  const title = `${config.baseline} · ${config.model.path}`;
  const { markup } = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(RESULT_PAGE_STYLE)}</style>
</head>
<body>
<header><p class="brand">ZeroSearch evaluation</p><h1>${config.model.path}</h1><p class="lead">${sentence(result)}</p></header>
<main>
${tiles(result)}
<section><h2>Scores</h2>
<p class="lead">In per cent, with intervals of 95 %. Every question counts; one that failed counts as wrong.</p>
${scoresTable(result)}</section>
${predictionList(predictions)}
<section><h2>How it was made</h2>
<dl class="facts-list">${resultFacts(result).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<details><summary>Configuration</summary><pre>${JSON.stringify(config, null, 2)}</pre></details></section>
</main>
</body>
</html>`;
  return `<!doctype html>\n${markup}\n`;
}

function sentence({ config, engine, questions, failed }: EvaluationResult): string {
  const searched = engine.name === "none" ? "without search" : `searching: ${engine.name}`;
  const asked = countText(questions, "question", "questions");
  return `${config.baseline}, ${searched}, ${asked}${failed === 0 ? "" : `, ${failed.toLocaleString("en")} failed`}.`;
}

function tiles({ measures, searchCost }: EvaluationResult): Html {
  const { exactMatch, coverExactMatch, f1, answered, searches } = measures;
  const share = (name: string, { value, low, high }: Interval) =>
    html`<div><dt>${name}</dt><dd><b>${percentText(value)}</b><small>${percentText(low)}–${percentText(high)}</small></dd></div>`;
  const cost = searchCost.dollarsPer1000 === 0 ? "free of charge" : `about ${dollarsText(searchCost.dollars)}`;
  return html`<dl class="tiles">
${share("exact match", exactMatch)}${share("cover exact match", coverExactMatch)}${share("F1", f1)}${share("answered", answered)}
<div><dt>searches per question</dt><dd><b>${searches.value.toFixed(2)}</b><small>${cost}</small></dd></div>
</dl>`;
}

function scoresTable({ bySource, ...all }: EvaluationResult): Html {
  const sources = Object.entries(bySource);
  return html`<div class="scroll"><table class="comparison">
<thead><tr><th scope="col">Source</th><th scope="col" class="number">n</th><th scope="col" class="number">Exact match</th><th scope="col" class="range"><p><span>0</span><span>100</span></p></th><th scope="col" class="number">Cover match</th><th scope="col" class="number">F1</th><th scope="col" class="number">Answered</th><th scope="col" class="number">Searches</th><th scope="col" class="number">Turns</th><th scope="col" class="number">Tokens</th><th scope="col" class="number">Failed</th></tr></thead>
<tbody>${scoresRow("All questions", "all", all)}${sources.length > 1 && sources.map(([source, scores]) => scoresRow(source, "source", scores))}</tbody>
</table></div>`;
}

function scoresRow(title: string, look: "all" | "source", { questions, failed, measures }: Scores): Html {
  const { exactMatch, coverExactMatch, f1, answered, searches, turns, tokens } = measures;
  const share = ({ value, low, high }: Interval) =>
    html`<td class="number"><b>${percentText(value)}</b> <small>${percentText(low)}–${percentText(high)}</small></td>`;
  return html`<tr class="${look}"><th scope="row">${title}</th><td class="number">${questions.toLocaleString("en")}</td>${share(exactMatch)}<td class="range">${range(exactMatch)}</td>${share(coverExactMatch)}${share(f1)}<td class="number">${percentText(answered.value)}</td><td class="number">${searches.value.toFixed(2)}</td><td class="number">${turns.value.toFixed(2)}</td><td class="number">${tokens.value.toFixed(0)}</td><td class="number">${failed.toLocaleString("en")}</td></tr>`;
}

/** A share and its interval between 0 and 1. */
function range({ value, low, high }: Interval): Html {
  return html`<svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0 0V20M500 0V20M1000 0V20"/><path class="line first" d="M${1000 * low} 10H${1000 * high}"/><path class="dot first" d="M${1000 * value} 10h0"/></svg>`;
}

/** Filtered by the style sheet: the page needs no script. */
function predictionList(predictions: readonly Prediction[]): Html {
  const shown = predictions.slice(0, MOST_PREDICTIONS);
  const rest = predictions.length - shown.length;
  const choice = (value: string, label: string, isChecked: boolean) =>
    html`<label><input type="radio" name="shown" id="show-${value}"${isChecked && new Html(" checked")}> ${label}</label>`;
  return html`<section class="predictions"><h2>Answers</h2>
<p class="lead">${rest > 0 && html`The first ${shown.length}; the other ${rest.toLocaleString("en")} are in predictions.jsonl. `}<span class="choices">${choice("all", "all", true)}${choice("right", "right", false)}${choice("wrong", "wrong", false)}</span></p>
<ol class="answers">${shown.map(predictionView)}</ol></section>`;
}

function predictionView(prediction: Prediction): Html {
  const { question, answers, queries, source, stopReason, failure, exactMatch, f1 } = prediction;
  const said = prediction.prediction;
  return html`<li class="${exactMatch === 1 ? "right" : "wrong"}"><p><small class="source">${source}</small>${question}</p>
<p><span class="mark">${exactMatch === 1 ? "✓" : "✗"}</span> ${said === null ? html`<i>no answer: ${failure ?? stopReason}</i>` : html`<b>${said}</b>`} <small>${exactMatch === 0 && html`expected ${answers.join(" · ")} · `}F1 ${percentText(f1)}</small></p>
${queries.length > 0 && html`<p class="queries">searched${queries.map((query) => html` <q>${query}</q>`)}</p>`}</li>`;
}

/** The page's style sheet: one accent, neutral inks, light and dark. */
import { TRAJECTORY_STYLE } from "./trajectory-style.ts";

export const STYLE: string = `
:root {
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2327; --soft: #59636b; --faint: #8c959c; --rule: #e3e5e3; --hair: #eef0ee;
  --accent: #0b6e75; --warn: #9a5b00; --warn-paper: #fdf5e6;
  --prompt: #8c959c; --think: #8a6fb0; --search: #0b6e75; --information: #a98545; --answer: #2f7d46; --mark: #fbe8a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --card: #1a1f23; --ink: #e4e8ea; --soft: #a0aab1; --faint: #77828a; --rule: #2d343a; --hair: #242b30;
    --accent: #52bcc2; --warn: #e5b15c; --warn-paper: #2a2418;
    --prompt: #77828a; --think: #b39ad6; --search: #52bcc2; --information: #cdab6d; --answer: #71c189; --mark: #5c4d1a;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1320px; padding: 0 clamp(16px, 4vw, 56px) 80px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, h4, p, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: clamp(26px, 4vw, 36px); line-height: 1.15; letter-spacing: -0.02em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 20px; letter-spacing: -0.01em; font-weight: 650; }
h3 { font-size: 15px; font-weight: 600; }
small { font-size: 12.5px; color: var(--soft); font-weight: 400; }
b { font-weight: 600; }
ul { list-style: none; }
svg { display: block; }
header { padding: clamp(28px, 6vw, 64px) 0 24px; }
.brand { color: var(--accent); font-size: 13px; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; margin-bottom: 8px; }
.lead { color: var(--soft); max-width: 92ch; text-wrap: pretty; margin-top: 8px; overflow-wrap: anywhere; }
section { margin-top: 56px; }
section > h2 { padding-top: 16px; border-top: 1px solid var(--rule); }
section > h3 { margin-top: 32px; }

.warnings { margin-top: 8px; padding: 14px 18px; background: var(--warn-paper); border-left: 3px solid var(--warn); border-radius: 2px; }
.warnings h2 { font-size: 15px; color: var(--warn); }
.warnings li { margin-top: 6px; max-width: 100ch; overflow-wrap: anywhere; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr)); gap: 20px 28px; margin-top: 24px; padding-top: 20px; border-top: 1px solid var(--rule); }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles b { display: block; font-size: 23px; letter-spacing: -0.015em; line-height: 1.35; white-space: nowrap; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 28px 36px; margin-top: 20px; align-items: start; }
.chart { display: grid; grid-template-columns: 40px minmax(0, 1fr); grid-template-rows: auto minmax(24px, auto) 176px 20px; column-gap: 8px; }
@supports (grid-template-rows: subgrid) {
  /* Charts beside each other begin at the same height, however long their legends are. */
  .charts { row-gap: 0; grid-auto-rows: auto minmax(24px, auto) 176px 48px; align-items: stretch; margin-bottom: -28px; }
  .chart { grid-row: span 4; grid-template-rows: subgrid; }
}
.chart figcaption { grid-column: 1 / -1; display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.chart .at { color: var(--faint); font-size: 12.5px; white-space: nowrap; }
.legend { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0 16px; padding: 2px 0 10px; font-size: 12.5px; color: var(--soft); align-content: start; }
.legend li { display: flex; align-items: center; gap: 6px; white-space: nowrap; }
.legend b { color: var(--ink); }
.swatch { width: 26px; height: 10px; }
.y-axis, .x-axis { position: relative; font-size: 11.5px; color: var(--faint); line-height: 1; }
.y-axis span { position: absolute; right: 0; transform: translateY(50%); white-space: nowrap; }
.x-axis span { position: absolute; top: 7px; transform: translateX(-50%); }
.corner { font-size: 11.5px; color: var(--faint); line-height: 1; padding-top: 7px; text-align: right; }
.plot { position: relative; touch-action: pan-y; cursor: crosshair; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.cursor { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--soft); pointer-events: none; }
path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.grid { stroke: var(--hair); stroke-width: 1; }
.zero { stroke: var(--rule); stroke-width: 1; }
.line { stroke-width: 2; stroke-linecap: round; }
.dot { stroke-width: 7; stroke-linecap: round; }
.band { stroke: none; opacity: 0.13; }
.line.first, .dot.first, .first .line, .first .dot { stroke: var(--accent); }
.line.second, .dot.second, .second .line, .second .dot { stroke: var(--ink); }
.line.third, .dot.third, .third .line, .third .dot { stroke: var(--faint); }
.line.second, .second .line { stroke-dasharray: 6 5; stroke-width: 1.6; }
.line.third, .third .line { stroke-dasharray: 1 5; stroke-width: 2.2; }
.dot.second, .second .dot { stroke-linecap: square; stroke-width: 6; }
.dot.faint { stroke-width: 4; opacity: 0.35; }
.dot.faint.second { stroke-width: 2.5; }
.dot.faint.third { stroke-width: 3; }
.hole { stroke: var(--paper); stroke-width: 3.5; stroke-linecap: round; }
.band.first { fill: var(--accent); }
.band.second { fill: var(--ink); }
.band.third { fill: var(--faint); }
.layer { fill: var(--accent); stroke: var(--paper); stroke-width: 0.5; }
.layer-1 { fill: var(--faint); }
.layer-2 { fill: color-mix(in srgb, var(--accent) 55%, var(--paper)); }
.layer-3 { fill: color-mix(in srgb, var(--faint) 45%, var(--paper)); }
.layer-4 { fill: color-mix(in srgb, var(--accent) 30%, var(--paper)); }
.layer-5 { fill: var(--soft); }
.layer-6 { fill: color-mix(in srgb, var(--accent) 75%, var(--ink)); }
.layer-7 { fill: var(--rule); }

.scroll { overflow-x: auto; margin-top: 20px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 7px 12px; text-align: left; white-space: nowrap; font-weight: 400; vertical-align: middle; }
th:first-child { padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 12.5px; vertical-align: bottom; border-bottom: 1px solid var(--rule); }
.number { text-align: right; }
td small { display: inline-block; min-width: 76px; margin-left: 4px; }
tr.all > * { border-top: 1px solid var(--hair); padding-top: 11px; }
tbody tr.all:first-child > * { border-top: 0; }
tr.source th { padding-left: 18px; color: var(--soft); }
tr.source b { font-weight: 400; }
td.range { min-width: 170px; }
th.range p { display: flex; justify-content: space-between; }
.range svg { width: 100%; height: 22px; overflow: visible; }
.range .line.second { stroke-dasharray: none; stroke: var(--faint); }
.range .dot.second { stroke: var(--faint); stroke-linecap: square; }

.facts-list { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 14px 28px; margin: 20px 0; }
.facts-list dt { color: var(--soft); font-size: 13px; }
.facts-list dd { overflow-wrap: anywhere; }
summary { cursor: pointer; }
pre { overflow-x: auto; font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--card); border: 1px solid var(--rule); padding: 14px; }
${TRAJECTORY_STYLE}
@media (max-width: 620px) {
  section { margin-top: 44px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 18px 16px; }
  .tiles b { font-size: 19px; }
  .comparison .extra { display: none; }
  .comparison th, .comparison td { padding-inline: 5px; white-space: normal; }
  .comparison td { white-space: nowrap; }
  .comparison td small { display: block; min-width: 0; margin: 0; font-size: 11px; }
  tr.source th { padding-left: 10px; }
}
@media print {
  body { max-width: none; }
  .chart, .pair { break-inside: avoid; }
}
`;

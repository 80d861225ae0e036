/** The part of the style sheet that trajectories are shown by. */

export const TRAJECTORY_STYLE: string = `
.prompt { --kind: var(--prompt); }
.think { --kind: var(--think); }
.search { --kind: var(--search); }
.information { --kind: var(--information); }
.answer { --kind: var(--answer); }
.other { --kind: var(--faint); }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 12px; font-size: 12.5px; color: var(--soft); }
.key li::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; background: var(--kind); border-radius: 2px; }
.pair { margin-top: 10px; background: var(--card); border: 1px solid var(--rule); border-radius: 4px; }
.pair > summary { padding: 10px 16px; display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; list-style: none; }
.pair > summary::-webkit-details-marker { display: none; }
.pair > summary::before { content: "+"; color: var(--faint); width: 10px; }
.pair[open] > summary::before { content: "–"; }
.pair .outcome { color: var(--accent); font-size: 12.5px; font-weight: 600; min-width: 108px; }
.pair .question { flex: 1 1 300px; overflow-wrap: anywhere; }
.golden { padding: 0 16px 4px 40px; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
.golden b { color: var(--ink); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 1px; background: var(--rule); border-top: 1px solid var(--rule); margin-top: 10px; }
.trajectory { background: var(--card); padding: 14px 16px 18px; min-width: 0; }
.trajectory h4 { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 12px; font-size: 14px; font-weight: 600; }
.verdict { font-weight: 500; overflow-wrap: anywhere; }
.verdict.right { color: var(--answer); }
.verdict.wrong { color: var(--soft); }
.facts { font-size: 12.5px; color: var(--soft); margin-top: 2px; }
.strip { display: flex; gap: 1px; height: 8px; margin: 10px 0 14px; }
.strip i { background: var(--kind); min-width: 2px; border-radius: 1px; }
.strip .masked { background: repeating-linear-gradient(135deg, var(--kind) 0 1.5px, transparent 1.5px 4px); }
.stretch { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 0 14px; margin-top: 8px; position: relative; }
.stretch .label { font-size: 12px; color: var(--kind); font-weight: 600; padding-top: 2px; }
.stretch .text { font-size: 13.5px; line-height: 1.5; padding-left: 13px; position: relative; white-space: pre-wrap; overflow-wrap: anywhere; }
.stretch .text::before { content: ""; position: absolute; left: 0; top: 2px; bottom: 2px; width: 4px; border-radius: 1px; background: var(--kind); }
.stretch.masked .text { color: var(--soft); }
.stretch.masked .text::before { background: repeating-linear-gradient(135deg, var(--kind) 0 1.5px, transparent 1.5px 4px); }
details.stretch { display: block; }
details.stretch summary { font-size: 12px; }
details.stretch summary .label { display: inline-block; min-width: 84px; }
details.stretch .text { margin: 6px 0 0 98px; }
.aside { color: var(--faint); }
.document { display: block; }
.chip { display: inline-block; font-size: 11px; line-height: 16px; font-weight: 400; color: var(--soft); border: 1px solid var(--rule); border-radius: 9px; padding: 0 7px; white-space: nowrap; }
.chips { display: flex; flex-wrap: wrap; gap: 4px; margin: 1px 0 4px; }
mark { background: var(--mark); color: inherit; padding: 0 1px; }
@media (max-width: 620px) {
  .stretch { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  details.stretch .text { margin-left: 0; }
  .golden { padding-left: 16px; }
}
`;

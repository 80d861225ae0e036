/** What a result's page shows that a run's report does not: answers, right or wrong. */
import { STYLE } from "../run/report/style.ts";

export const RESULT_PAGE_STYLE: string = `${STYLE}
:root { --right: #2f7d46; --wrong: #b3402f; }
@media (prefers-color-scheme: dark) { :root { --right: #71c189; --wrong: #e58a78; } }
@media (min-width: 621px) { .tiles { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); } }
.comparison th + th, .comparison td { padding-left: 8px; }
.comparison th:not(:last-child), .comparison td:not(:last-child) { padding-right: 8px; }
td.range { min-width: 110px; }
.choices label { margin-right: 14px; cursor: pointer; }
.answers { list-style: none; margin: 20px 0 0; padding: 0; }
.answers li { padding: 10px 0; border-top: 1px solid var(--hair); overflow-wrap: anywhere; }
.answers .source { float: right; margin-left: 16px; }
.mark { display: inline-block; width: 20px; }
.right .mark { color: var(--right); }
.wrong .mark { color: var(--wrong); }
.queries { padding-left: 20px; color: var(--soft); }
.predictions:has(#show-right:checked) li.wrong, .predictions:has(#show-wrong:checked) li.right { display: none; }
`;

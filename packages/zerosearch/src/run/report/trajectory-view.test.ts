import { expect, test } from "vitest";
import { madeQuestion, madeRecord } from "./testing/made-trajectory.ts";
import { trajectoryView } from "./trajectory-view.ts";

const QUESTION = { ...madeQuestion(0), answers: ["Velburg"] };
const RECORD = madeRecord(QUESTION, { step: 4, isRight: true, isSimulated: true, advantage: 0.75 });

const view = (record = RECORD): string => trajectoryView("After", record).markup;

test("what the policy wrote is set apart from what it read, stretch by stretch", () => {
  const stretches = [...view().matchAll(/class="stretch (\w+) (\w+)"/g)].map(([, kind, mask]) => `${kind} ${mask}`);
  expect(stretches).toEqual([
    "prompt masked",
    "think own",
    "search own",
    "information masked",
    "think own",
    "answer own",
  ]);
});

test("the strip has every token once", () => {
  const parts = [...view().matchAll(/class="\w+ (own|masked)" style="flex-grow:(\d+)"/g)];
  const own = (mask: string) =>
    parts.filter(([, its]) => its === mask).reduce((sum, [, , tokens]) => sum + Number(tokens), 0);
  const { segments } = RECORD.trajectory;
  const written = segments.reduce((sum, { kind, tokens }) => sum + (kind === "action" ? tokens.length : 0), 0);
  const all = segments.reduce((sum, { tokens }) => sum + tokens.length, 0);
  expect([own("own"), own("masked")]).toEqual([written, all - written]);
  expect(view()).toContain(`${written} of ${all} tokens its own`);
});

test("reward, advantage, searches and the answer are told", () => {
  for (const told of ["reward 1", "advantage 0.75", "1 search", "✓ Velburg"]) expect(view()).toContain(told);
});

test("a page says what it was meant to be and whether it holds the answer, and the answer is marked", () => {
  expect(view()).toContain('<span class="chip">useful</span><span class="chip">holds the answer</span>');
  expect(view()).toContain("<mark>Velburg</mark>");
  const wrong = view(madeRecord(QUESTION, { step: 0, isRight: false, isSimulated: true }));
  for (const told of ["noisy", "truth withheld", "without the answer"])
    expect(wrong).toContain(`<span class="chip">${told}`);
});

test("pages of a real engine have no labels", () => {
  expect(view(madeRecord(QUESTION, { step: 4, isRight: true, isSimulated: false }))).not.toContain('class="chips"');
});

test("an answer with the signs of a pattern is marked as it stands, and one without letters marks nothing", () => {
  const odd = (answer: string) =>
    view(madeRecord({ ...QUESTION, answers: [answer] }, { step: 4, isRight: true, isSimulated: true }));
  expect(odd("C++ (1985)")).toContain("is <mark>C++ (1985)</mark>.");
  expect(odd(" ")).not.toContain("<mark>");
});

test("text outside of tags is told as such, and an unclosed tag ends with its turn", () => {
  const { trajectory } = RECORD;
  const segments = trajectory.segments.map((segment) =>
    segment.kind === "action" ? { ...segment, text: "well <answer> Velburg </answer> then <think> so" } : segment,
  );
  const markup = view({ ...RECORD, trajectory: { ...trajectory, segments: segments.slice(0, 2) } });
  const stretches = [...markup.matchAll(/class="stretch (\w+) own"><p class="label">(\w+)/g)].map(([, kind]) => kind);
  expect(stretches).toEqual(["other", "answer", "other", "think"]);
});

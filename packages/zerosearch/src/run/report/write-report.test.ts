import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MadeRunOptions, writeMadeRun } from "./testing/made-run.ts";
import { madeQuestion, madeRecord } from "./testing/made-trajectory.ts";
import { type WrittenReport, writeReport } from "./write-report.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-report-"));
  writeMadeRun(join(folder, "whole"), { steps: 12, every: 4 });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function report(name: string, options?: MadeRunOptions): Promise<WrittenReport & { readonly page: string }> {
  if (options) writeMadeRun(join(folder, name), options);
  const written = await writeReport(join(folder, name));
  return { ...written, page: readFileSync(written.path, "utf8") };
}

/** A copy of the whole run in which something was done to a file. */
function damaged(name: string, harm: (path: string) => void): string {
  const copy = mkdtempSync(join(folder, "damaged-"));
  cpSync(join(folder, "whole"), copy, { recursive: true });
  harm(join(copy, name));
  return copy;
}

const SECTIONS = /<h2>([^<]*)/g;
const sectionsOf = (page: string): string[] => [...page.matchAll(SECTIONS)].map(([, title]) => title ?? "");
const chartsOf = (page: string): string[] =>
  [...page.matchAll(/<figcaption><h3>([^<]*)/g)].map(([, title]) => (title ?? "").trim());

describe("a whole run", () => {
  test("has every section and every curve", async () => {
    const { page, path } = await report("whole");
    expect(path).toBe(join(folder, "whole/report.html"));
    expect(sectionsOf(page)).toEqual([
      "Learning",
      "Before and after",
      "Searching",
      "Simulator",
      "Trajectories",
      "Optimisation",
      "Time and speed",
      "The run",
    ]);
    expect(chartsOf(page)).toHaveLength(21);
    expect(page).toContain("GRPO, 12 steps of 24 questions × 8 rollouts, searching: simulator (models/simulator)");
  });

  test("shows where the time went, phases without a name of ours too, but nothing that hardly takes any", async () => {
    const { page } = await report("phases", {
      steps: 1,
      evaluations: [],
      lastMetrics: { "timing_s/gen": 6, "timing_s/update_actor": 3, "timing_s/log_probs": 0, "timing_s/packing": 1 },
    });
    // Beside them rewards and advantages, 0.02 s and 0.01 s.
    const legend = [...page.matchAll(/<span>([a-z -]+, \d+ %)<\/span>/g)].map(([, label]) => label);
    expect(legend).toEqual(["packing, 10 %", "update, 30 %", "rollouts, 60 %"]);
  });

  test("gives the same page again", async () => {
    expect((await report("whole")).page).toBe((await report("whole")).page);
  });

  test("needs nothing but the page: no address, no file, no script but the one it vouches for", async () => {
    const { page } = await report("whole");
    expect(page).not.toMatch(/https?:|\/\/[a-z]|<link|<img|<iframe|@import|url\(|\ssrc=|\shref=/i);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain("default-src &#39;none&#39;");
  });

  test("closes every element that it opens", async () => {
    const { page } = await report("whole");
    const open: string[] = [];
    const markup = page.replace(/<style>.*<\/style>|<script>.*<\/script>/gs, "");
    for (const [, slash, name = "", rest = ""] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
      if (slash === "/") expect(open.pop()).toBe(name);
      else if (name !== "meta" && !rest.endsWith("/")) open.push(name);
    }
    expect(open).toEqual([]);
  });

  test("is summed up for a terminal in a few lines", async () => {
    const { summary } = await report("whole");
    expect(summary).toMatch(/^# whole\n\nGRPO, 12 steps/);
    expect(summary).toMatch(/\| real, greedy\s+\|\s+20 \| +\d+\.\d \(\d+\.\d–\d+\.\d\) \|/);
    expect(summary).toMatch(
      /searches were simulated; a paid API would have charged \$\d+(\.\d\d)? at \$15 per 1,000\./,
    );
    expect(summary).not.toContain("Warnings");
    expect(summary.split("\n").length).toBeLessThan(15);
  });

  test("can be written elsewhere", async () => {
    const elsewhere = join(folder, "elsewhere.html");
    expect((await writeReport(join(folder, "whole"), elsewhere)).path).toBe(elsewhere);
    expect(readFileSync(elsewhere, "utf8")).toMatch(/^<!doctype html>/);
  });
});

describe("a run of which there is less", () => {
  test("without evaluations it has no table, and the best and the worst of a group to read", async () => {
    const { page, summary } = await report("no-evaluations", { steps: 6, evaluations: [] });
    expect(sectionsOf(page)).not.toContain("Before and after");
    expect(chartsOf(page)).not.toContain("Exact match");
    expect(page).toContain("Worst");
    expect(page).not.toContain("Before, step");
    expect(summary).not.toContain("|");
  });

  test("on a real engine it has nothing about simulators", async () => {
    const { page, summary } = await report("real-only", { steps: 6, isSimulated: false, evaluations: ["real"] });
    expect(sectionsOf(page)).not.toContain("Simulator");
    expect(chartsOf(page)).not.toContain("Noise");
    expect(page).not.toContain("costs avoided");
    expect(page).toContain("searching: local (world/train.index)");
    expect(summary).not.toContain("simulated");
  });

  test("still going it says so, and passes over the line that is being written", async () => {
    writeMadeRun(join(folder, "going"), {
      steps: 5,
      plannedSteps: 40,
      lastMetrics: { "watchdog/exploits_simulator": 1 },
    });
    appendFileSync(join(folder, "going/metrics.jsonl"), '{"step":6,"time":');
    const { page, summary } = await report("going");
    expect(page).toContain("5 of 40 steps so far");
    expect(summary).toMatch(/\*\*Warnings\*\*\n\n- The policy seems to exploit the simulator \(step 5\)/);
  });

  test("before its first step it has what it was begun with", async () => {
    const { page } = await report("begun", { steps: 0, plannedSteps: 40, evaluations: ["real"] });
    expect(page).toContain("0 of 40 steps so far");
    expect(sectionsOf(page)).toEqual(["Learning", "Before and after", "The run"]);
  });
});

test("whatever stands in questions, answers, documents and configuration, it is text", async () => {
  const attack = `</script><script>alert("x")</script><img src=x onerror='alert(1)'>`;
  const run = damaged("evaluation-trajectories.jsonl", (path) => {
    const question = { ...madeQuestion(0), id: "q", text: attack, answers: [attack], source: attack };
    for (const step of [0, 12]) {
      const record = madeRecord(question, { step, isRight: step > 0, isSimulated: false });
      appendFileSync(
        path,
        `${JSON.stringify({ step, name: "real", temperature: 0, record: { ...record, advantages: null } })}\n`,
      );
    }
  });
  writeFileSync(join(run, "config.json"), JSON.stringify({ algorithm: attack, model: { path: attack } }));
  const { path } = await writeReport(run);
  const page = readFileSync(path, "utf8");
  expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&lt;img src=x");
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<img|onerror='/);
});

describe("what is missing or damaged is named", () => {
  test.each([
    ["no run", () => join(folder, "nothing"), /there is no run at .*nothing: check the name/],
    [
      "another folder",
      () => damaged("config.json", (path) => rmSync(path)),
      /is no run folder: it has no config\.json/,
    ],
    ["no facts", () => damaged("run.json", (path) => rmSync(path)), /can't read .*run\.json: there is no such file/],
    [
      "no metrics",
      () => damaged("metrics.jsonl", (path) => rmSync(path)),
      /can't read .*metrics\.jsonl: there is no such file/,
    ],
    ["torn facts", () => damaged("run.json", (path) => truncateSync(path, 9)), /run\.json is no JSON/],
    [
      "a damaged line",
      () => damaged("evaluations.jsonl", (path) => appendFileSync(path, "{oops}\n")),
      /evaluations\.jsonl:\d+: this line is damaged/,
    ],
  ])("%s", async (_, make, told) => {
    await expect(writeReport(make())).rejects.toThrow(told);
  });

  test("a run without the logs of evaluations and trajectories is none the worse", async () => {
    const run = damaged("evaluations.jsonl", (path) => {
      for (const name of ["evaluations", "evaluation-trajectories", "trajectories"])
        rmSync(join(path, `../${name}.jsonl`));
    });
    expect(sectionsOf(readFileSync((await writeReport(run)).path, "utf8"))).not.toContain("Trajectories");
  });
});

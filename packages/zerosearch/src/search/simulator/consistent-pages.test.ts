import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ConsistentPages } from "./consistent-pages.ts";

/** A page that is made when it is told to be. */
function workshop() {
  const jobs: { resolve: (page: string) => void; reject: (error: unknown) => void; signal: AbortSignal }[] = [];
  const make = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      jobs.push({ resolve, reject, signal });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  return { jobs, make };
}

const scope = { seed: 1, step: 1 };

describe("a page", () => {
  test("is made once for all who ask at once, and later", async () => {
    const pages = new ConsistentPages<string>();
    const { jobs, make } = workshop();
    const asked = [pages.get(scope, "k", make), pages.get(scope, "k", make), pages.get(scope, "k", make)];
    await turn();
    jobs[0]?.resolve("page");
    expect(await Promise.all(asked)).toEqual([
      { page: "page", isRepeated: false },
      { page: "page", isRepeated: true },
      { page: "page", isRepeated: true },
    ]);
    expect(await pages.get(scope, "k", make)).toEqual({ page: "page", isRepeated: true });
    expect(jobs).toHaveLength(1);
  });

  test("of another key, seed or step is another", async () => {
    const pages = new ConsistentPages<string>();
    let made = 0;
    const make = async () => String(made++);
    const got = [
      await pages.get(scope, "a", make),
      await pages.get(scope, "b", make),
      await pages.get({ seed: 2, step: 1 }, "a", make),
      await pages.get({ seed: 1, step: 2 }, "a", make),
      await pages.get(scope, "a", make),
    ];
    expect(got.map(({ page }) => page)).toEqual(["0", "1", "2", "3", "0"]);
  });

  test("that failed fails for all who wait, and is made again for the next", async () => {
    const pages = new ConsistentPages<string>();
    const { jobs, make } = workshop();
    const asked = [pages.get(scope, "k", make), pages.get(scope, "k", make, new AbortController().signal)];
    jobs[0]?.reject(new Error("broken"));
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(pages.size).toBe(0);
    const again = pages.get(scope, "k", make);
    jobs[1]?.resolve("page");
    expect(await again).toEqual({ page: "page", isRepeated: false });
  });
});

describe("who gives up", () => {
  test("does not take the page from those who wait on", async () => {
    const pages = new ConsistentPages<string>();
    const { jobs, make } = workshop();
    const impatient = new AbortController();
    const first = pages.get(scope, "k", make, impatient.signal);
    const second = pages.get(scope, "k", make, new AbortController().signal);
    impatient.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    expect(jobs[0]?.signal.aborted).toBe(false);
    jobs[0]?.resolve("page");
    expect((await second).page).toBe("page");
  });

  test("last ends the making, and the next begins a new one", async () => {
    const pages = new ConsistentPages<string>();
    const { jobs, make } = workshop();
    const controllers = [new AbortController(), new AbortController()];
    const asked = controllers.map(({ signal }) => pages.get(scope, "k", make, signal));
    for (const controller of controllers) controller.abort(new Error("enough"));
    const next = pages.get(scope, "k", make);
    await expect(Promise.allSettled(asked)).resolves.toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    expect(jobs.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    jobs[1]?.resolve("page");
    expect((await next).isRepeated).toBe(false);
    expect(pages.size).toBe(1);
  });
});

test("pages of steps that are long over are dropped", async () => {
  const pages = new ConsistentPages<string>(2);
  for (let step = 0; step < 1000; step++) {
    for (const key of ["a", "b", "c"]) await pages.get({ seed: 1, step }, key, async () => key);
    // The evaluation's pages are asked for all the time, and stay.
    const { isRepeated } = await pages.get({ seed: 2, step: 0 }, "a", async () => "a");
    expect(isRepeated).toBe(step > 0);
  }
  expect(pages.size).toBe(4);
});

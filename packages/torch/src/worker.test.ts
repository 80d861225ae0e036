/** Threads: each worker loads the addon for itself, computes beside the others, and may end at any moment. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { backward, full, liveTensorCount, record, type Tensor, tensor, tidy } from "./index.ts";

const SOURCES = dirname(fileURLToPath(import.meta.url));
let folder = "";

/** Workers can't load TypeScript: they get the package compiled, beside the build folder where it finds the addon. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-worker-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  symlinkSync(join(SOURCES, "../build"), join(folder, "build"));
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options = "--noCheck --rewriteRelativeImportExtensions --target ES2022 --module NodeNext".split(" ");
  const places = ["--rootDir", SOURCES, "--outDir", join(folder, "dist"), join(SOURCES, "index.ts")];
  execFileSync(process.execPath, [compiler, ...options, ...places], { cwd: folder });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

const liveAtFirst = liveTensorCount();
afterEach(() => expect(liveTensorCount()).toBe(liveAtFirst));

/** A worker in which `torch` is this package and `parentPort` its port to here. */
function startWorker(body: string): Worker {
  const url = JSON.stringify(pathToFileURL(join(folder, "dist/index.js")).href);
  const code = `import(${url}).then(async (torch) => {
    const { parentPort } = require("node:worker_threads");
    ${body}
  });`;
  return new Worker(code, { eval: true });
}

async function messageOf(worker: Worker): Promise<unknown> {
  const [message] = await once(worker, "message");
  return message;
}

/** d(sum((w·w)²))/dw for w = [[1, 1], [1, 1]] is 16 everywhere, each element of w·w being 2. */
function gradientSum(): number {
  return tidy(() => {
    const weight = full([2, 2], 1).requireGrad();
    backward(weight.mm(weight).square().sum([0, 1]));
    return weight.grad()?.sum([0, 1]).item() ?? 0;
  });
}

test("a worker computes, differentiates and replays at the same time as this thread", { timeout: 40_000 }, async () => {
  const worker = startWorker(`
    let right = 0;
    for (let i = 0; i < 400; i++) {
      right += torch.tidy(() => {
        const weight = torch.full([2, 2], 1).requireGrad();
        torch.backward(weight.mm(weight).square().sum([0, 1]));
        return weight.grad().sum([0, 1]).item();
      }) === 64 ? 1 : 0;
      if (i === 0) parentPort.postMessage("begun");
    }
    const input = torch.tensor([1, 2]);
    const { program, outputs } = torch.record((x) => [x.mul(3)], [input]);
    const replays = await Promise.all(Array.from({ length: 20 }, () => program.run([input])));
    for (const [replayed] of replays) right += replayed.toArray()[1] === 6 ? 1 : 0;
    for (const one of [program, input, ...outputs, ...replays.flat()]) one.dispose();
    parentPort.postMessage({ right, live: torch.liveTensorCount() });
  `);
  expect(await messageOf(worker)).toBe("begun");
  const answer = messageOf(worker);
  let finished = false;
  void answer.then(() => {
    finished = true;
  });
  let computed = 0;
  for (; !finished || computed < 400; computed++) {
    expect(gradientSum()).toBe(64);
    if (computed % 10 === 0) await turn();
  }
  expect(await answer).toEqual({ right: 420, live: 0 });
  await worker.terminate();
});

test("a tensor posted to a worker is no tensor there, and refused with an ArgumentError", async () => {
  const worker = startWorker(`
    parentPort.once("message", (posted) => {
      const own = torch.tensor([1]);
      const names = [() => own.add(posted), () => torch.cat([own, posted]), () => torch.keep(posted)].map((call) => {
        try {
          call();
          return "accepted";
        } catch (error) {
          return error.constructor === torch.ArgumentError ? "ArgumentError" : String(error);
        }
      });
      parentPort.postMessage(names);
    });
    parentPort.postMessage("ready");
  `);
  using posted = tensor([1, 2]);
  expect(await messageOf(worker)).toBe("ready");
  worker.postMessage(posted);
  expect(await messageOf(worker)).toEqual(["ArgumentError", "ArgumentError", "ArgumentError"]);
  expect(posted.toArray()).toEqual([1, 2]);
  await worker.terminate();
});

test("memory that a worker shared outlives the worker as a copy", async () => {
  const worker = startWorker(`
    const array = torch.tensor([1, 2, 3]).asTypedArray();
    parentPort.postMessage(array);
  `);
  const array = await messageOf(worker);
  await worker.terminate();
  expect(array).toEqual(Float32Array.of(1, 2, 3));
});

const PENDING = `
  const input = torch.full([256, 256], 0.01);
  const { program } = torch.record((x) => {
    let y = x;
    for (let i = 0; i < 30; i++) y = y.mm(x);
    return [y];
  }, [input]);
  const pending = Array.from({ length: 20 }, () => program.run([input]));
  parentPort.postMessage("pending");
`;

test("workers that end with programs pending do not take the process with them", { timeout: 40_000 }, async () => {
  const endings = [
    "process.exit(0);",
    'setTimeout(() => { throw new Error("a worker that fails"); }, 5);',
    "await pending[3]; process.exit(0);",
    "program.dispose(); input.dispose(); await pending[1]; process.exit(0);",
    "await pending[0].then(() => { throw new Error('a worker that fails'); });",
  ];
  for (const ending of endings) {
    const worker = startWorker(PENDING + ending);
    worker.on("error", () => {}); // the failures that were asked for
    await new Promise((resolve) => worker.once("exit", resolve));
  }
  for (const waitMs of [0, 0, 2, 10, 30]) {
    const worker = startWorker(`${PENDING} await Promise.all(pending);`);
    await messageOf(worker);
    await turn();
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    await worker.terminate();
  }
  const together = Array.from({ length: 4 }, () => startWorker(`${PENDING} await Promise.all(pending);`));
  await Promise.all(together.map(messageOf));
  await Promise.all(together.map((worker) => worker.terminate()));
  expect(gradientSum()).toBe(64);
});

test("this thread's programs go on while workers come and go", { timeout: 40_000 }, async () => {
  using input = full([64, 64], 0.5);
  const { program, outputs } = record((x) => [x.mm(x)], [input]);
  const replays: Promise<Tensor[]>[] = [];
  for (let i = 0; i < 3; i++) {
    const worker = startWorker(PENDING);
    replays.push(program.run([input]));
    await messageOf(worker);
    replays.push(program.run([input]));
    await worker.terminate();
  }
  for (const [replayed] of await Promise.all(replays)) {
    expect(replayed?.toArray()).toEqual(Array.from({ length: 64 }, () => new Array(64).fill(16)));
    replayed?.dispose();
  }
  for (const one of [program, ...outputs]) one.dispose();
});

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ChatRequest } from "../core/chat-model.ts";
import { loadChatModel } from "./local-chat-model.ts";
import { tinyModelFolder } from "./testing/tiny-model-folder.ts";
import { WorkerChatModel } from "./worker-chat-model.ts";

setThreads(1);

/** Every worker that was started, so that a test can kill one. */
const started = vi.hoisted((): Worker[] => []);
vi.mock("node:worker_threads", async (importActual) => {
  const actual = await importActual<typeof import("node:worker_threads")>();
  class WatchedWorker extends actual.Worker {
    constructor(...options: ConstructorParameters<typeof Worker>) {
      super(...options);
      started.push(this);
    }
  }
  return { ...actual, Worker: WatchedWorker };
});

/** In float64 the rounding that depends on who else is in the batch is too small to change a token, on any machine. */
const HOW = { dtype: "float64", numerics: "fast" } as const;

let folder = "";
beforeAll(() => {
  folder = tinyModelFolder(false);
});
afterAll(() => rmSync(folder, { recursive: true }));

const request = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: "user", content: "who wrote the book" }],
  temperature: 1,
  maxTokens: 12,
  seed: 7,
  ...change,
});

const LONG = { maxTokens: 480, temperature: 0, stop: [] } as const;

test("64 requests at once get the completions that this thread gives", async () => {
  const worker = await WorkerChatModel.start(folder, HOW);
  const local = loadChatModel(folder, HOW);
  const requests = Array.from({ length: 64 }, (_, seed) => request({ seed, stop: seed % 2 ? ["e"] : [] }));
  const theirs = await Promise.all(requests.map((each) => worker.complete(each)));
  const ours = await Promise.all(requests.map((each) => local.complete(each)));
  expect(theirs).toEqual(ours);
  expect(worker.name).toBe(local.name);
  await Promise.all([worker.close(), worker.close(), local.close()]);
});

describe("failures", () => {
  test("keep their kind on the way out of the worker, and leave it working", async () => {
    const worker = await WorkerChatModel.start(folder, HOW);
    await expect(worker.complete(request({ maxTokens: 1000 }))).rejects.toMatchObject({
      name: "ChatModelError",
      kind: "rejected",
      message: expect.stringContaining("512"),
    });
    const controller = new AbortController();
    const signal = controller.signal;
    const running = worker.complete(request({ ...LONG, signal }));
    controller.abort(new Error("enough"));
    await expect(running).rejects.toMatchObject({ name: "ChatModelError", kind: "aborted" });
    await expect(worker.complete(request({ signal }))).rejects.toMatchObject({ kind: "aborted" });
    expect((await worker.complete(request())).completionTokens).toBeGreaterThan(0);
    await worker.close();
  });

  test("closing ends what runs, and nothing can be asked any more", async () => {
    const worker = await WorkerChatModel.start(folder, HOW);
    const running = worker.complete(request(LONG));
    const closed = worker.close();
    await expect(running).rejects.toMatchObject({ kind: "unreachable", message: expect.stringContaining("closed") });
    await closed;
    await expect(worker.complete(request())).rejects.toMatchObject({ name: "ChatModelError", kind: "unreachable" });
  });

  test("a worker that dies fails all it was asked, then and later", async () => {
    const worker = await WorkerChatModel.start(folder, HOW);
    const running = worker.complete(request(LONG));
    await started.at(-1)?.terminate();
    await expect(running).rejects.toMatchObject({ name: "ChatModelError", kind: "unreachable" });
    await expect(worker.complete(request())).rejects.toMatchObject({ name: "ChatModelError", kind: "unreachable" });
    await worker.close();
  });

  test("a folder that is no model is a ModelFileError here, too", async () => {
    await expect(WorkerChatModel.start(`${folder}/none`, HOW)).rejects.toMatchObject({ name: "ModelFileError" });
  });
});

test("the compiled package works as well, and an idle worker keeps no process alive", async () => {
  const dist = new URL("../../dist/models/worker-chat-model.js", import.meta.url);
  const program = `
    const { WorkerChatModel } = await import(${JSON.stringify(dist.href)});
    const worker = await WorkerChatModel.start(${JSON.stringify(folder)}, ${JSON.stringify(HOW)});
    const { text } = await worker.complete(${JSON.stringify(request())});
    process.stdout.write(JSON.stringify(text));
  `;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd });
  const local = loadChatModel(folder, HOW);
  expect(JSON.parse(stdout)).toBe((await local.complete(request())).text);
  await local.close();
});

/** wandb and MLflow against servers of this process that keep what they are told. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { MlflowTracker } from "./mlflow.ts";
import type { TrackedRun } from "./tracker.ts";
import { WandbTracker } from "./wandb.ts";

interface Call {
  readonly path: string;
  readonly authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes, each compared as a whole
  readonly body: any;
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers by a function of the call, and the calls it got. `null` leaves a call without answer. */
async function serve(answer: (call: Call) => Answer | null): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const call = { path: request.url ?? "", authorization: request.headers.authorization, body: JSON.parse(text) };
    calls.push(call);
    const given = answer(call);
    if (!given) return;
    response.statusCode = given.status ?? 200;
    response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

const RUN: TrackedRun = {
  id: "run-1",
  name: "first",
  project: "ZeroSearch",
  config: { lr: 1e-6, search: { apiKey: "sk-hidden", topK: 5 } },
};
const KEY = "wandb-key-0123456789";

function bucket(historyLineCount: number | null): Answer {
  const project = { name: "ZeroSearch", entity: { name: "a team" } };
  return { body: { data: { upsertBucket: { bucket: { name: "run-1", historyLineCount, project } } } } };
}

test("wandb gets the run, its history at the right offsets, its summary and its end", async () => {
  const { url, calls } = await serve(({ path }) => (path === "/graphql" ? bucket(7) : { body: {} }));
  const tracker = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: `${url}/` });
  await tracker.start();
  await tracker.log([
    { step: 8, time: 2500, metrics: { reward: 0.5, gone: 1 } },
    { step: 9, time: 3500, metrics: { reward: Number.NaN } },
  ]);
  await tracker.log([{ step: 10, time: 4500, metrics: { reward: 1 } }]);
  await tracker.finish("stopped");

  const [upsert, first, second, end] = calls;
  expect(Buffer.from(upsert?.authorization?.slice("Basic ".length) ?? "", "base64").toString()).toBe(`api:${KEY}`);
  expect(upsert?.body.variables).toEqual({
    name: "run-1",
    project: "ZeroSearch",
    entity: null,
    displayName: "first",
    config: '{"lr":{"value":0.000001},"search":{"value":{"apiKey":"[redacted]","topK":5}}}',
  });
  expect(first?.path).toBe("/files/a%20team/ZeroSearch/run-1/file_stream");
  expect(first?.body.files).toEqual({
    "wandb-history.jsonl": {
      offset: 7,
      content: ['{"reward":0.5,"gone":1,"_step":8,"_timestamp":2.5}', '{"reward":"NaN","_step":9,"_timestamp":3.5}'],
    },
    "wandb-summary.json": { offset: 0, content: ['{"reward":"NaN","gone":1,"_step":9,"_timestamp":3.5}'] },
  });
  expect(second?.body.files["wandb-history.jsonl"].offset).toBe(9);
  expect(end?.body).toEqual({ complete: true, exitcode: 255, dropped: 0 });
});

test("a failed wandb call is sent again at the same offset", async () => {
  let fileStreamCalls = 0;
  const { url, calls } = await serve(({ path }) => {
    if (path === "/graphql") return bucket(null);
    return ++fileStreamCalls === 1 ? { status: 503, body: "busy" } : { body: {} };
  });
  const tracker = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: url });
  await tracker.start();
  const entries = [{ step: 1, time: 0, metrics: { a: 1 } }];
  await expect(tracker.log(entries)).rejects.toThrow(/file_stream answered 503: busy/);
  await tracker.log(entries);
  expect(calls.slice(1).map(({ body }) => body.files["wandb-history.jsonl"].offset)).toEqual([0, 0]);
});

test("errors hold no key, even where the server repeats it", async () => {
  const { url } = await serve(({ authorization }) => ({ status: 401, body: `bad key ${KEY} in ${authorization}` }));
  const tracker = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: url });
  const error = await tracker.start().catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("answered 401: bad key [redacted] in Basic [redacted]");
});

test("wandb's refusal is told", async () => {
  const { url } = await serve(() => ({ body: { errors: [{ message: "permission denied" }] } }));
  const tracker = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: url });
  await expect(tracker.start()).rejects.toThrow("wandb did not make the run: permission denied");
});

test("a server that never answers, or is not there, is an error in time", async () => {
  const { url } = await serve(() => null);
  const silent = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: url, timeoutMs: 20 });
  await expect(silent.start()).rejects.toThrow(/graphql did not answer/);
  const gone = await serve(() => null);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const absent = new WandbTracker({ apiKey: KEY, run: RUN, baseUrl: gone.url });
  await expect(absent.start()).rejects.toThrow(/graphql did not answer: .*ECONNREFUSED/);
});

const MLFLOW = "/api/2.0/mlflow/";

test("mlflow gets experiment, run, parameters, metrics in allowed batches, and the end", async () => {
  const { url, calls } = await serve(({ path }) => {
    if (path === `${MLFLOW}experiments/create`) return { body: { experiment_id: "5" } };
    if (path === `${MLFLOW}runs/create`) return { body: { run: { info: { run_id: "abc" } } } };
    return { body: {} };
  });
  const credentials = { user: "me", password: "pw" };
  const tracker = new MlflowTracker({ baseUrl: url, run: { ...RUN, project: "it's" }, credentials });
  await tracker.start();
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`m${i}`, i]));
  await tracker.log([{ step: 3, time: 1.4, metrics: { "val/F1@1": Number.POSITIVE_INFINITY, ...many } }]);
  await tracker.finish("finished");

  expect(calls.map(({ path }) => path.slice(MLFLOW.length))).toEqual([
    "experiments/search",
    "experiments/create",
    "runs/search",
    "runs/create",
    "runs/log-batch",
    "runs/log-batch",
    "runs/log-batch",
    "runs/update",
  ]);
  expect(calls[0]?.authorization).toBe("Basic bWU6cHc="); // me:pw
  expect(calls[0]?.body.filter).toBe("name = 'it\\'s'");
  expect(calls[3]?.body).toMatchObject({
    experiment_id: "5",
    run_name: "first",
    tags: [{ key: "zerosearch.run", value: "run-1" }],
  });
  expect(calls[4]?.body).toEqual({
    run_id: "abc",
    params: [
      { key: "lr", value: "0.000001" },
      { key: "search.apiKey", value: "[redacted]" },
      { key: "search.topK", value: "5" },
    ],
  });
  expect(calls[5]?.body.metrics[0]).toEqual({ key: "val/F1_1", value: "Infinity", timestamp: 1, step: 3 });
  expect([calls[5], calls[6]].map((call) => call?.body.metrics.length)).toEqual([1000, 2]);
  expect(calls[7]?.body).toMatchObject({ run_id: "abc", status: "FINISHED" });
});

test("a resumed run goes on as the run that mlflow knows", async () => {
  const { url, calls } = await serve(({ path }) => {
    if (path === `${MLFLOW}experiments/search`) return { body: { experiments: [{ experiment_id: "5" }] } };
    if (path === `${MLFLOW}runs/search`) return { body: { runs: [{ info: { run_id: "abc" } }] } };
    return { body: {} };
  });
  const tracker = new MlflowTracker({ baseUrl: url, run: RUN, credentials: { token: "t" } });
  await tracker.start();
  await tracker.log([{ step: 3, time: 1, metrics: { a: 1 } }]);
  expect(calls[1]?.body).toMatchObject({ experiment_ids: ["5"], filter: "tags.\"zerosearch.run\" = 'run-1'" });
  expect(calls[2]?.body).toEqual({ run_id: "abc", status: "RUNNING" });
  expect(calls[3]?.body.run_id).toBe("abc");
  expect(calls.every(({ authorization }) => authorization === "Bearer t")).toBe(true);
});

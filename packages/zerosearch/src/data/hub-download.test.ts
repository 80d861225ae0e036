/** Downloads from a hub on this machine: a large file lies in a storage of another origin, as the real hub's do. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "../core/errors.ts";
import { deadAddress } from "../core/testing/loopback-server.ts";
import { defaultCacheFolder, downloadFromHub, type HubProgress } from "./hub-download.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An origin of its own. */
async function serve(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const CONTENT = Buffer.from("0123456789".repeat(50_000));
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const QUESTIONS = { repository: "some/questions", file: "nq/test file.jsonl", kind: "dataset" } as const;
const PLACE = "/datasets/some/questions/resolve/main/nq/test%20file.jsonl";

/** Sends the file from where it is asked to, as a storage does. */
const storage: Answer = ({ headers }, response) => {
  const from = Number(/^bytes=(\d+)-$/u.exec(headers.range ?? "")?.[1] ?? 0);
  response.writeHead(headers.range ? 206 : 200);
  response.end(CONTENT.subarray(from));
};

/** Knows size and checksum, and sends on to the storage. */
const hubBefore =
  (storageUrl: string, checksum = SHA256): Answer =>
  ({ url }, response) => {
    if (url === PLACE) {
      const facts = { "x-linked-etag": `"${checksum}"`, "x-linked-size": String(CONTENT.length) };
      response.writeHead(302, { location: `${storageUrl}/blob`, ...facts });
    } else response.writeHead(404, { "x-error-message": "Entry not found" });
    response.end();
  };

let cacheFolder: string;
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), "zerosearch-hub-"));
});
afterEach(() => rmSync(cacheFolder, { recursive: true }));

test("a file is downloaded once, told by its checksum, and then used without the hub", async () => {
  await using blobs = await serve(storage);
  await using hub = await serve(hubBefore(blobs.url));
  const environment = { HF_ENDPOINT: `${hub.url}/`, HF_TOKEN: "hf_secret" };
  const progress: HubProgress[] = [];
  const onProgress = (now: HubProgress) => progress.push(now);
  const path = await downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment, onProgress });
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  expect(readdirSync(dirname(path))).toEqual(["test file.jsonl"]);
  expect(progress.at(-1)).toEqual({ doneBytes: CONTENT.length, totalBytes: CONTENT.length });
  expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_secret", "Bearer hf_secret"]);
  expect(blobs.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  const offline = { environment: { HF_ENDPOINT: await deadAddress() } };
  expect(await downloadFromHub({ ...QUESTIONS, cacheFolder }, offline)).toBe(path);
});

test("a connection that breaks is taken up where it stopped", async () => {
  await using blobs = await serve((request, response) => {
    if (request.headers.range) return storage(request, response);
    response.writeHead(200, { "content-length": CONTENT.length });
    response.write(CONTENT.subarray(0, 123_456), () => response.destroy());
  });
  await using hub = await serve(hubBefore(blobs.url));
  const path = await downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment: { HF_ENDPOINT: hub.url } });
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  const from = blobs.requests.map(({ headers }) => headers.range);
  expect(from).toHaveLength(2);
  expect(from[1]).toMatch(/^bytes=[1-9]\d*-$/u);
});

test("a download that was stopped goes on the next time, also where ranges are not understood", async () => {
  await using blobs = await serve((_, response) => {
    response.writeHead(200);
    response.write(CONTENT.subarray(0, 200_000));
  });
  await using hub = await serve(hubBefore(blobs.url));
  const environment = { HF_ENDPOINT: hub.url };
  const stop = new AbortController();
  const onProgress = ({ doneBytes }: HubProgress) => doneBytes === 200_000 && stop.abort(new Error("enough"));
  const first = downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment, signal: stop.signal, onProgress });
  await expect(first).rejects.toThrow("enough");
  await using whole = await serve((_, response) => response.writeHead(200).end(CONTENT));
  await using hubAgain = await serve(hubBefore(whole.url));
  const again = { environment: { HF_ENDPOINT: hubAgain.url } };
  const path = await downloadFromHub({ ...QUESTIONS, cacheFolder }, again);
  expect(whole.requests[0]?.headers.range).toBe("bytes=200000-");
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
});

test("what has another checksum is removed and said", async () => {
  await using blobs = await serve(storage);
  await using hub = await serve(hubBefore(blobs.url, "0".repeat(64)));
  const download = downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment: { HF_ENDPOINT: hub.url } });
  await expect(download).rejects.toThrow(DataError);
  await expect(download).rejects.toThrow(/nq\/test file\.jsonl of dataset some\/questions: .* checksum 0000/u);
  expect(readdirSync(join(cacheFolder, "datasets/some/questions/main/nq"))).toEqual([]);
});

test("a small file comes from the hub itself, through a renamed repository, under git's checksum", async () => {
  await using hub = await serve(({ url }, response) => {
    // `printf hello | git hash-object --stdin`
    const etag = '"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"';
    if (url === "/some/model/resolve/v1/config.json") {
      response.writeHead(307, { location: "/other/model/resolve/v1/config.json" }).end();
    } else response.writeHead(200, { etag, "content-length": 5 }).end("hello");
  });
  const file = { repository: "some/model", file: "config.json", revision: "v1", kind: "model", cacheFolder } as const;
  const path = await downloadFromHub(file, { environment: { HF_ENDPOINT: hub.url } });
  expect(path).toBe(join(cacheFolder, "models/some/model/v1/config.json"));
  expect(readFileSync(path, "utf8")).toBe("hello");
});

test.each([
  [401, {}, /refuses it \(401\).*Set HF_TOKEN/u],
  [403, { HF_TOKEN: "hf_secret" }, /refuses it \(403\).*The token in HF_TOKEN does not open it/u],
  [404, {}, /has none \(404\)/u],
  [500, {}, /answered 500. Try again later/u],
])("an answer of %i is one clear error, and the token is not in it", async (status, secrets, message) => {
  await using hub = await serve((_, response) => response.writeHead(status).end());
  const environment = { HF_ENDPOINT: hub.url, ...secrets };
  const error = await downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment }).catch((caught) => caught);
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain("hf_secret");
});

test("a hub that can't be reached is one clear error that says where the file could be put", async () => {
  const environment = { HF_ENDPOINT: (await deadAddress()).replace("/v1", "") };
  const download = downloadFromHub({ ...QUESTIONS, cacheFolder }, { environment });
  await expect(download).rejects.toThrow(DataError);
  await expect(download).rejects.toThrow(/can't be reached \(connect ECONNREFUSED/u);
  await expect(download).rejects.toThrow(join(cacheFolder, "datasets/some/questions/main/nq/test file.jsonl"));
});

test("no name leads out of the cache folder", async () => {
  writeFileSync(join(cacheFolder, "secret"), "");
  for (const file of ["../../../secret", "a/../../b", "", "/etc/passwd"]) {
    await expect(downloadFromHub({ ...QUESTIONS, file, cacheFolder })).rejects.toThrow(/owner\/name/u);
  }
  await expect(downloadFromHub({ ...QUESTIONS, repository: "a/b/c", cacheFolder })).rejects.toThrow(/owner\/name/u);
});

test("downloads are kept among the user's caches", () => {
  expect(defaultCacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe("/caches/zerosearch");
});

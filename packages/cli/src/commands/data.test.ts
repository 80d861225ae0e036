import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainBpe } from "@zerosearch/lm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runCli } from "../testing/run-cli.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-cli-data-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

const QUESTIONS = '{"question":"who?","golden_answers":["Ann"],"id":"test_0"}\n';

/** A hub with one file, whatever is asked for. */
async function serveHub() {
  const asked: string[] = [];
  const server = createServer(({ url, method }, response) => {
    asked.push(`${method} ${url}`);
    const checksum = createHash("sha256").update(QUESTIONS).digest("hex");
    response.writeHead(200, { etag: `"${checksum}"`, "content-length": QUESTIONS.length });
    response.end(method === "HEAD" ? undefined : QUESTIONS);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a benchmark is downloaded by its name, once, and can be inspected", async () => {
  await using hub = await serveHub();
  const download = () => runCli(["data", "download", "bamboogle", "--cache", folder, "--json"]);
  const { stdout, exitCode } = await download();
  expect(exitCode).toBe(0);
  const { path, ...rest } = JSON.parse(stdout) as { path: string };
  expect(rest).toEqual({ name: "bamboogle", repository: "RUC-NLPIR/FlashRAG_datasets", file: "bamboogle/test.jsonl" });
  expect(readFileSync(path, "utf8")).toBe(QUESTIONS);
  const address = "/datasets/RUC-NLPIR/FlashRAG_datasets/resolve/main/bamboogle/test.jsonl";
  expect(hub.asked).toEqual([`HEAD ${address}`, `GET ${address}`]);
  expect((await download()).stdout).toBe(stdout);
  expect(hub.asked).toHaveLength(2);

  const inspected = await runCli(["data", "inspect", path, "--json"]);
  expect(JSON.parse(inspected.stdout)).toMatchObject({ kind: "questions", rows: 1, sources: { bamboogle: 1 } });
});

test("without a name the data sets are listed; an unknown one is a mistake before anything is asked", async () => {
  const listed = await runCli(["data", "download"]);
  expect(listed.stdout).toContain("simulation-google");
  expect(listed.stdout).toContain("sunhaonlp/ZeroSearch_dataset");
  const wrong = await runCli(["data", "download", "nq", "squad", "--cache", folder]);
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^ConfigError: .*no data set "squad"/) });
});

test("inspecting names every invalid row, and its exit code says so", async () => {
  writeFileSync(at("q.jsonl"), `${QUESTIONS}{"question":"when?"}\n`);
  const { stdout, exitCode } = await runCli(["data", "inspect", at("q.jsonl"), "--rows", "1"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("2 rows, 1 questions (q 1)");
  expect(stdout).toMatch(/question, characters +4 +4 +4\.0 +4 +4/);
  expect(stdout).toContain("line 2: answers: there are none");
});

test("lengths of records can be counted in a model's tokens", async () => {
  trainBpe({ texts: ["ab ab ab"], vocabularySize: 258, specialTokens: [] }).save(folder);
  writeFileSync(at("r.json"), JSON.stringify([{ instruction: "abab", output: "ab" }]));
  const { stdout } = await runCli(["data", "inspect", at("r.json"), "--tokenizer", folder]);
  expect(stdout).toContain("1 records to learn in the schema alpaca (labels: none 1)");
  expect(stdout).toMatch(/prompt, tokens +2 /);
  expect(stdout).toMatch(/completion, tokens +1 /);
});

test("a file is converted by the endings of names; what is left out is told", async () => {
  writeFileSync(at("r.json"), JSON.stringify([{ instruction: "a", output: "b" }, { instruction: "a" }]));
  const refused = await runCli(["data", "convert", at("r.json"), at("r.jsonl")]);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("r.json, row 2: output") });
  const told = await runCli(["data", "convert", at("r.json"), at("r.jsonl"), "--skip-invalid"]);
  expect(told.stdout).toBe(`${at("r.jsonl")}: 1 records\n`);
  expect(told.stderr).toContain("row 2: output");
  expect(readFileSync(at("r.jsonl"), "utf8")).toBe('{"prompt":"a","completion":"b"}\n');
  const json = await runCli(["data", "convert", at("r.jsonl"), at("s.json"), "--schema", "sharegpt", "--json"]);
  expect(JSON.parse(json.stdout)).toEqual({ path: at("s.json"), kind: "records", written: 1, skipped: [] });
  const wrong = await runCli(["data", "convert", at("r.jsonl"), at("s.json"), "--schema", "csv"]);
  expect(wrong.exitCode).toBe(2);
});

/**
 * Weights & Biases over HTTP, by the calls that its own clients make: GraphQL `upsertBucket` makes or finds the run, the
 * file stream adds lines to `wandb-history.jsonl` at an offset, so that a line sent twice is there once.
 */
import { RunError } from "../../core/errors.ts";
import { redact } from "../redact.ts";
import { sendJson } from "./send-json.ts";
import type { RunOutcome, TrackedMetrics, TrackedRun, Tracker } from "./tracker.ts";

export interface WandbOptions {
  readonly apiKey: string;
  readonly run: TrackedRun;
  /** A user or team; that of the key by default. */
  readonly entity?: string;
  /** Default https://api.wandb.ai */
  readonly baseUrl?: string;
  /** Of one request. Default 20 s. */
  readonly timeoutMs?: number;
}

const UPSERT = `mutation UpsertRun($name: String!, $project: String!, $entity: String, $displayName: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, displayName: $displayName, config: $config}) {
    bucket { name historyLineCount project { name entity { name } } }
  }
}`;

/** What is read of the answer to {@link UPSERT}. */
interface Bucket {
  readonly name: string;
  readonly historyLineCount?: number | null;
  readonly project: { readonly name: string; readonly entity: { readonly name: string } };
}

export class WandbTracker implements Tracker {
  readonly name = "wandb";
  readonly #options: WandbOptions;
  readonly #baseUrl: string;
  readonly #authorization: string;
  #streamUrl = "";
  #lines = 0;

  constructor(options: WandbOptions) {
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? "https://api.wandb.ai").replace(/\/+$/, "");
    this.#authorization = `Basic ${Buffer.from(`api:${options.apiKey}`).toString("base64")}`;
  }

  async start(): Promise<void> {
    const { run, entity } = this.#options;
    const config = redact(run.config);
    const settings = typeof config === "object" && config !== null ? Object.entries(config) : [];
    const variables = {
      name: run.id,
      project: run.project,
      entity: entity ?? null,
      displayName: run.name,
      config: JSON.stringify(Object.fromEntries(settings.map(([name, value]) => [name, { value }]))),
    };
    const answer = await this.#send(`${this.#baseUrl}/graphql`, { query: UPSERT, variables });
    const bucket = bucketOf(answer);
    const path = [bucket.project.entity.name, bucket.project.name, bucket.name].map(encodeURIComponent).join("/");
    this.#streamUrl = `${this.#baseUrl}/files/${path}/file_stream`;
    this.#lines = bucket.historyLineCount ?? 0;
  }

  async log(entries: readonly TrackedMetrics[]): Promise<void> {
    const rows = entries.map(({ step, time, metrics }) => ({ ...metrics, _step: step, _timestamp: time / 1000 }));
    const lines = rows.map(toWandbJson);
    const summary = toWandbJson(Object.assign({}, ...rows) as Record<string, number>);
    await this.#send(this.#streamUrl, {
      files: {
        "wandb-history.jsonl": { offset: this.#lines, content: lines },
        "wandb-summary.json": { offset: 0, content: [summary] },
      },
      dropped: 0,
    });
    this.#lines += lines.length;
  }

  async finish(outcome: RunOutcome): Promise<void> {
    const exitcode = { finished: 0, failed: 1, stopped: 255 }[outcome];
    await this.#send(this.#streamUrl, { complete: true, exitcode, dropped: 0 });
  }

  async #send(url: string, body: unknown): Promise<unknown> {
    const timeoutMs = this.#options.timeoutMs ?? 20_000;
    return await sendJson({ url, body, authorization: this.#authorization, timeoutMs });
  }
}

/** Numbers that JSON lacks are words, as W&B's own clients write them. */
function toWandbJson(row: Readonly<Record<string, number>>): string {
  return JSON.stringify(row, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

function bucketOf(answer: unknown): Bucket {
  const { data, errors } = answer as { data?: { upsertBucket?: { bucket?: Bucket } }; errors?: { message: string }[] };
  const bucket = data?.upsertBucket?.bucket;
  if (bucket) return bucket;
  throw new RunError(
    `wandb did not make the run: ${errors?.map(({ message }) => message).join("; ") ?? "no reason given"}`,
  );
}

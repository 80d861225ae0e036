/** MLflow over its REST API 2.0. A resumed run is found by a tag, so nothing needs to be remembered of it. */
import { RunError } from "../../core/errors.ts";
import { redact } from "../redact.ts";
import { sendJson } from "./send-json.ts";
import type { RunOutcome, TrackedMetrics, TrackedRun, Tracker } from "./tracker.ts";

export interface MlflowOptions {
  /** Such as http://localhost:5000 */
  readonly baseUrl: string;
  readonly run: TrackedRun;
  /** A bearer token, or a name and password; left out where the server asks for none. */
  readonly credentials?: { readonly token: string } | { readonly user: string; readonly password: string };
  /** Of one request. Default 20 s. */
  readonly timeoutMs?: number;
}

const RUN_TAG = "zerosearch.run";
/** Limits of `log-batch`. */
const MAX_METRICS = 1000;
const MAX_PARAMS = 100;
/** What every version stores of a parameter; `config.json` has the whole. */
const MAX_PARAM_CHARACTERS = 500;

export class MlflowTracker implements Tracker {
  readonly name = "mlflow";
  readonly #options: MlflowOptions;
  readonly #authorization: string | undefined;
  #runId = "";

  constructor(options: MlflowOptions) {
    this.#options = options;
    this.#authorization = authorizationOf(options.credentials);
  }

  async start(): Promise<void> {
    const { run } = this.#options;
    const experiment = await this.#experiment(run.project);
    const filter = `tags."${RUN_TAG}" = '${quoted(run.id)}'`;
    const found = (await this.#send("runs/search", { experiment_ids: [experiment], filter, max_results: 1 })) as {
      runs?: { info: { run_id: string } }[];
    };
    const known = found.runs?.[0]?.info.run_id;
    if (known !== undefined) {
      await this.#send("runs/update", { run_id: known, status: "RUNNING" });
      this.#runId = known;
      return;
    }
    const tags = [{ key: RUN_TAG, value: run.id }];
    const body = { experiment_id: experiment, run_name: run.name, start_time: Date.now(), tags };
    const created = (await this.#send("runs/create", body)) as { run?: { info?: { run_id?: string } } };
    const runId = created.run?.info?.run_id;
    if (runId === undefined) throw new RunError("mlflow answered runs/create without a run_id");
    for (const params of inGroups(paramsOf(redact(run.config)), MAX_PARAMS)) {
      await this.#send("runs/log-batch", { run_id: runId, params });
    }
    this.#runId = runId;
  }

  async log(entries: readonly TrackedMetrics[]): Promise<void> {
    const metrics = entries.flatMap(({ step, time, metrics: named }) =>
      Object.entries(named).map(([name, value]) => ({
        key: name.replace(/[^\w\-. /]/g, "_"),
        value: Number.isFinite(value) ? value : String(value),
        timestamp: Math.round(time),
        step,
      })),
    );
    for (const group of inGroups(metrics, MAX_METRICS)) {
      await this.#send("runs/log-batch", { run_id: this.#runId, metrics: group });
    }
  }

  async finish(outcome: RunOutcome): Promise<void> {
    const status = { finished: "FINISHED", failed: "FAILED", stopped: "KILLED" }[outcome];
    await this.#send("runs/update", { run_id: this.#runId, status, end_time: Date.now() });
  }

  async #experiment(name: string): Promise<string> {
    const body = { filter: `name = '${quoted(name)}'`, max_results: 1 };
    const found = (await this.#send("experiments/search", body)) as { experiments?: { experiment_id: string }[] };
    const known = found.experiments?.[0]?.experiment_id;
    if (known !== undefined) return known;
    const created = (await this.#send("experiments/create", { name })) as { experiment_id?: string };
    if (created.experiment_id !== undefined) return created.experiment_id;
    throw new RunError("mlflow answered experiments/create without an experiment_id");
  }

  async #send(call: string, body: unknown): Promise<unknown> {
    const url = `${this.#options.baseUrl.replace(/\/+$/, "")}/api/2.0/mlflow/${call}`;
    const timeoutMs = this.#options.timeoutMs ?? 20_000;
    const authorization = this.#authorization;
    return (await sendJson({ url, body, timeoutMs, ...(authorization === undefined ? {} : { authorization }) })) ?? {};
  }
}

function authorizationOf(credentials: MlflowOptions["credentials"]): string | undefined {
  if (!credentials) return undefined;
  if ("token" in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
}

/** Settings by dotted name. */
function paramsOf(config: unknown, path: readonly string[] = []): { key: string; value: string }[] {
  if (typeof config === "object" && config !== null && !Array.isArray(config)) {
    return Object.entries(config).flatMap(([name, member]) => paramsOf(member, [...path, name]));
  }
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return text === undefined ? [] : [{ key: path.join("."), value: text.slice(0, MAX_PARAM_CHARACTERS) }];
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

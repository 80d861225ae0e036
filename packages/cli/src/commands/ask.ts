import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline/promises";
import { setThreads } from "@zerosearch/torch";
import { Asker, agentConfigSchema, DEFAULT_ROLLOUT_LIMITS, parseConfig, searchesOf } from "@zerosearch/zerosearch";
import { AskView, answerText } from "../ask-view.ts";
import { searchFlag } from "../search-flag.ts";

/** The options as the command line gives them. */
export interface AskFlags {
  readonly model: string;
  /** See search-flag.ts. */
  readonly search: string;
  readonly maxTurns: number;
  readonly temperature: number;
  /** A text with `{question}`, or a file that holds one. */
  readonly prompt?: string;
  readonly json?: boolean;
  /** All cores by default. */
  readonly threads?: number;
}

/** `zerosearch ask`: one question, or as many as are typed or piped in. */
export async function runAsk(question: string | undefined, flags: AskFlags): Promise<void> {
  const { model, search, maxTurns, temperature, prompt, json = false, threads = availableParallelism() } = flags;
  const template = prompt !== undefined && existsSync(prompt) ? readFileSync(prompt, "utf8") : prompt;
  const agent = { path: model, ...(template !== undefined && { prompt: template }) };
  setThreads(threads);
  await using asker = await Asker.open({
    model: parseConfig(agentConfigSchema, agent, "--model, --prompt"),
    search: searchFlag(search),
    limits: { ...DEFAULT_ROLLOUT_LIMITS, maxTurns },
    temperature,
    seed: 0,
  });
  const answer = json ? answerAsJson : answerInSight;
  if (question !== undefined) await interruptible((signal) => answer(asker, question, signal));
  else await chat((line, signal) => answer(asker, line, signal));
}

async function answerInSight(asker: Asker, question: string, signal: AbortSignal): Promise<void> {
  const view = new AskView((text) => process.stdout.write(text));
  const trajectory = await asker.ask(question, {
    onText: (piece) => view.text(piece),
    onSegment: (segment) => view.segment(segment),
    signal,
  });
  console.log(answerText(trajectory));
}

async function answerAsJson(asker: Asker, question: string, signal: AbortSignal): Promise<void> {
  const trajectory = await asker.ask(question, { signal });
  const { answer, stopReason, failure } = trajectory;
  console.log(JSON.stringify({ question, answer, stopReason, failure, searches: searchesOf(trajectory) }));
}

/** Ctrl-C ends the answer. */
async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once("SIGINT", onInterrupt);
  await work(interrupt.signal).finally(() => process.off("SIGINT", onInterrupt));
}

/** Line by line until the input ends. Ctrl-C ends an answer under way, and otherwise the chat. */
async function chat(answer: (line: string, signal: AbortSignal) => Promise<void>): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stdout, prompt: "question> " }),
  });
  let interrupt: AbortController | undefined;
  lines.on("SIGINT", () => (interrupt ? interrupt.abort() : lines.close()));
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    if (line.trim() !== "") {
      interrupt = new AbortController();
      await answer(line.trim(), interrupt.signal);
      interrupt = undefined;
    }
    if (isTerminal) lines.prompt();
  }
}

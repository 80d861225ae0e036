/** The command line as a user has it, in this process: arguments in, what is printed and the exit code out. */
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
let runs = 0;

/** @param onStderr  sees each piece as it is written, such as to send a signal at that moment */
export async function runCli(args: readonly string[], onStderr?: (text: string) => void): Promise<CliResult> {
  const { argv, exitCode } = process;
  const written = { stdout: "", stderr: "" };
  const into =
    (stream: keyof typeof written, onText?: (text: string) => void) =>
    (text: unknown): true => {
      written[stream] += String(text);
      onText?.(String(text));
      return true;
    };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(into("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(into("stderr", onStderr)),
    vi.spyOn(console, "log").mockImplementation((line) => void into("stdout")(`${line}\n`)),
    vi.spyOn(console, "error").mockImplementation((line) => void into("stderr", onStderr)(`${line}\n`)),
  ];
  process.argv = [process.execPath, "zerosearch", ...args];
  process.exitCode = undefined;
  try {
    // The query makes it a module of its own, which runs anew.
    await import(/* @vite-ignore */ `${MAIN}?run=${++runs}`);
    return { ...written, exitCode: Number(process.exitCode ?? 0) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.argv = argv;
    process.exitCode = exitCode;
  }
}

import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

const HEARTBEAT_MS = 15_000;
const TAIL_LINES = 60;

/** A command that ran and failed; `message` holds the end of what it printed. */
export class CommandError extends Error {
  /**
   * @param {string} commandLine
   * @param {string} ending  such as `exit code 1`
   * @param {string} tail
   * @param {string} logFile
   */
  constructor(commandLine, ending, tail, logFile) {
    super(`${commandLine}\nended with ${ending}:\n\n${tail}\n\nThe whole output is in ${logFile}`);
    this.name = "CommandError";
  }
}

/**
 * Runs a command, keeps all it prints in a log file, and tells now and then how far it is.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ logFile: string, cwd?: string, env?: NodeJS.ProcessEnv, onProgress?: (line: string) => void }} options
 *   `onProgress` receives the last line printed, every 15 s
 * @returns {Promise<string>} all that was printed
 * @throws {CommandError} the command could not start, failed or was ended by a signal
 */
export function runLogged(command, args, options) {
  const { logFile, cwd, env, onProgress } = options;
  const commandLine = [command, ...args].join(" ");
  mkdirSync(dirname(logFile), { recursive: true });
  appendFileSync(logFile, `\n$ ${commandLine}\n`);

  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    /** @param {Buffer} piece */
    const keep = (piece) => {
      output += piece;
      appendFileSync(logFile, piece);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);

    const startedAt = Date.now();
    const heartbeat = setInterval(() => {
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      onProgress?.(`${seconds} s ${lastLines(output, 1).slice(0, 100)}`.trim());
    }, HEARTBEAT_MS);
    /** @param {string} ending */
    const fail = (ending) => {
      clearInterval(heartbeat);
      reject(new CommandError(commandLine, ending, lastLines(output, TAIL_LINES), logFile));
    };
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, signal) => {
      if (code !== 0) return fail(signal ? `signal ${signal}` : `exit code ${code}`);
      clearInterval(heartbeat);
      resolve(output);
    });
  });
}

/**
 * @param {string} text
 * @param {number} count
 */
function lastLines(text, count) {
  return text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
}

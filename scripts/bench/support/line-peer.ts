/** Another process that measures its side when told to, so that both sides can take turns. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Answers one line, a number, to every line it is sent. */
export class LinePeer implements Disposable {
  readonly #name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  /** @param name  for messages, such as `the Python side` */
  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#process = spawn(command, args);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async ask(question: string): Promise<number> {
    this.#process.stdin.write(`${question}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.#name} ended instead of answering "${question}"`);
    const answer = Number(value);
    if (Number.isNaN(answer)) {
      throw new Error(`${this.#name} answered "${value}" to "${question}", expected a number`);
    }
    return answer;
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}

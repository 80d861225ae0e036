import type { Segment, Trajectory } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** Characters of a document that are shown. */
const SHOWN_CHARACTERS = 160;

/** What models and web pages write could otherwise steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "");
}

/** Shows a rollout while it goes on: what the policy writes as it comes, what it finds as a list. */
export class AskView {
  readonly #write: (text: string) => void;
  /** Characters of the running turn that were shown already. */
  #shown = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** More of what the policy writes. */
  text(piece: string): void {
    this.#shown += piece.length;
    this.#write(pc.dim(printable(piece)));
  }

  /** Something that is complete. */
  segment(segment: Segment): void {
    if (segment.kind === "action") {
      this.#write(`${pc.dim(printable(segment.text.slice(this.#shown)).trimEnd())}\n`);
      this.#shown = 0;
    } else if (segment.kind === "observation") {
      this.#write(`${segment.result ? documentList(segment) : pc.yellow(segment.text.trim())}\n`);
    }
  }
}

function documentList({ result, shownDocuments = 0 }: Extract<Segment, { kind: "observation" }>): string {
  const documents = result?.documents ?? [];
  if (documents.length === 0) return pc.yellow("  nothing was found");
  const lines = documents.slice(0, shownDocuments).map(({ title, text }, i) => {
    const line = printable(text).replaceAll(/\s+/gu, " ").trim();
    const cut = line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
    return `  ${i + 1} ${title === undefined ? "" : `${pc.bold(printable(title))} `}${cut}`;
  });
  const left = documents.length - shownDocuments;
  return [...lines, ...(left > 0 ? [pc.dim(`  ${left} more had no room`)] : [])].join("\n");
}

/** The last line: the answer, or why there is none. */
export function answerText({ answer, stopReason, failure }: Trajectory): string {
  if (answer !== null) return `${pc.green("answer")} ${pc.bold(printable(answer))}`;
  return `${pc.yellow("no answer")} ${failure === undefined ? stopReason : `${stopReason}: ${printable(failure)}`}`;
}

/**
 * What the simulator is asked. Two prompts are the reference's to the byte (§2.2, §2.3) where five documents and the
 * first golden answer are asked for; your own are templates.
 *
 * Differs from the reference: the number of documents asked for is topK, where it always asked for five and topK only
 * cut, and all golden answers are told, where it told the first (defect D5).
 */
import type { ChatMessage } from "../../core/chat-model.ts";
import { ConfigError } from "../../core/errors.ts";
import { normalizeAnswer } from "../../core/normalize-answer.ts";

/** What a prompt is made of. */
export interface PromptContext {
  readonly query: string;
  readonly question: string;
  /** At least one. */
  readonly answers: readonly string[];
  /** Documents to write. */
  readonly count: number;
}

export interface SimulatorPrompt {
  /** Plain data that says which prompt it is, for the engine's identity. */
  readonly identity: Readonly<Record<string, unknown>>;
  useful(context: PromptContext): ChatMessage[];
  noisy(context: PromptContext): ChatMessage[];
  /** Where the gate withholds the truth, whatever the label. Without it, `noisy` is asked. */
  withheld?(context: PromptContext): ChatMessage[];
}

export interface AnswerOptions {
  /** Which golden answers are told. "first" is the reference's. Default "all", as {@link writeAnswers} writes them. */
  readonly answers?: "first" | "all";
}

/** Data sets list up to hundreds of aliases; the first ones are the canonical. */
const MAX_WRITTEN_ANSWERS = 10;

/**
 * Answers in a row, `Iosif Stalin or Joseph Stalin`: at most the first ten that differ once normalised. A single one
 * stands alone, as the reference writes it.
 */
export function writeAnswers(answers: readonly string[]): string {
  const distinct = new Map<string, string>();
  for (const answer of answers) {
    const key = normalizeAnswer(answer) || answer;
    if (!distinct.has(key)) distinct.set(key, answer);
  }
  return [...distinct.values()].slice(0, MAX_WRITTEN_ANSWERS).join(" or ");
}

/** The reference's `simulate_sft`, for simulators tuned on it. Its noisy variant names question and answer, too. */
export function tunedSimulatorPrompt({ answers = "all" }: AnswerOptions = {}): SimulatorPrompt {
  const prompt =
    (label: "useful" | "noisy") =>
    (context: PromptContext): ChatMessage[] =>
      asUser(`You are the Google search engine.
Given a query, you need to generate ${countedDocuments(context.count, label)} for the query.

The user is trying to answer the question: "${context.question}" whose answer is ${told(context, answers)}.
Each document should contain about 30 words, and these documents should contain ${label} information.

Query: ${context.query}
${label === "useful" ? "Useful" : "Noisy"} Output:
`);
  return { identity: { kind: "simulate_sft", answers }, useful: prompt("useful"), noisy: prompt("noisy") };
}

/** The reference's `simulate_prompt`, for instruct models as they come. Its noisy variant hides question and answer. */
export function instructSimulatorPrompt({ answers = "all" }: AnswerOptions = {}): SimulatorPrompt {
  return {
    identity: { kind: "simulate_prompt", answers },
    useful: (context) =>
      asUser(`You are the Google search engine.
Given a query, you need to imitate the style of the following demos and generate ${countedDocuments(context.count, "useful")} for the query.

Here is an example:
Query: George Washington Bridge opening year
Useful Output:
${demonstration(USEFUL_DEMONSTRATION, context.count)}

The user is trying to answer the question: "${context.question}" whose answer is ${told(context, answers)}.
You should generate documents that can help the user find the answer.
Each document should contain about 30 words.
You must directly output the English documents and not output any other texts.

Query: ${context.query}
Useful Output:
`),
    noisy: ({ query, count }) =>
      asUser(`You are the Google search engine.${" "}
Given a query, you need to imitate the style of the following demos and generate ${countedDocuments(count, "related but noisy")} for the query.

Here is an example:
Query: George Washington Bridge opening year
Noisy Output:
${demonstration(NOISY_DEMONSTRATION, count)}

Each document should contain about 30 words, and these documents should contain related but noisy information.
You must directly output the English documents and not output any other texts.

Query: ${query}
Noisy Output:
`),
  };
}

/** Texts with {query}, {question}, {answer} (the first), {answers} (all) and {count} (in words up to twenty). */
export interface PromptTemplates {
  readonly useful: string;
  readonly noisy: string;
  readonly withheld?: string | undefined;
}

const PLACEHOLDERS = ["query", "question", "answer", "answers", "count"];

/** @throws {ConfigError} a template names something unknown in braces, or lacks {query} */
export function templatePrompt({ useful, noisy, withheld }: PromptTemplates): SimulatorPrompt {
  const prompt = (name: string, template: string): ((context: PromptContext) => ChatMessage[]) => {
    checkTemplate(name, template);
    return (context) => asUser(fill(template, context));
  };
  return {
    identity: { kind: "template", useful, noisy, ...(withheld !== undefined && { withheld }) },
    useful: prompt("useful", useful),
    noisy: prompt("noisy", noisy),
    ...(withheld !== undefined && { withheld: prompt("withheld", withheld) }),
  };
}

function checkTemplate(name: string, template: string): void {
  const named = [...template.matchAll(/\{(\w+)\}/gu)].map(([, placeholder = ""]) => placeholder);
  const unknown = named.find((placeholder) => !PLACEHOLDERS.includes(placeholder));
  if (unknown !== undefined) {
    const known = PLACEHOLDERS.map((placeholder) => `{${placeholder}}`).join(", ");
    throw new ConfigError(`simulator prompt "${name}" holds {${unknown}}, which nothing fills: use ${known}.`);
  }
  if (!named.includes("query")) {
    throw new ConfigError(`simulator prompt "${name}" has no {query}: without it every page is the same.`);
  }
}

/** In one pass: a query that spells a placeholder stays what it is. */
function fill(template: string, { query, question, answers, count }: PromptContext): string {
  const values: Record<string, string> = {
    query,
    question,
    answer: answers[0] ?? "",
    answers: writeAnswers(answers),
    count: countWord(count),
  };
  return template.replaceAll(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}

/** With the reference's empty system message, which keeps chat templates from writing one of their own. */
function asUser(content: string): ChatMessage[] {
  return [
    { role: "system", content: "" },
    { role: "user", content },
  ];
}

function told({ answers }: PromptContext, which: "first" | "all"): string {
  return which === "all" ? writeAnswers(answers) : (answers[0] ?? "");
}

const COUNT_WORDS =
  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );

function countWord(count: number): string {
  return COUNT_WORDS[count - 1] ?? String(count);
}

function countedDocuments(count: number, label: string): string {
  return `${countWord(count)} ${label} document${count === 1 ? "" : "s"}`;
}

/** As many as are asked for, of the five there are. */
function demonstration(documents: readonly string[], count: number): string {
  return documents
    .slice(0, count)
    .map((text, at) => `Doc ${at + 1}: ${text}`)
    .join("\n");
}

const USEFUL_DEMONSTRATION = [
  "The George Washington Bridge, an iconic structure connecting New York City to New Jersey, opened on October 25, 1931. Designed by Othmar Ammann, it marked a major milestone in civil engineering.",
  "Originally the Hudson River Bridge, the George Washington Bridge was named after the U.S.'s first president. Its 3,500-foot suspension span was the world's longest at completion in 1931.",
  "The bridge was modified in 1962 with added lower deck lanes, increasing capacity and easing congestion. This expansion transformed the bridge into a double-decked structure with twelve lanes.",
  "Constructed over four years, the George Washington Bridge's steel towers and cables exemplified engineering progress. It crucially linked New York and New Jersey's transportation networks.",
  "Handling over 103 million annual vehicles, the George Washington Bridge is globally one of the busiest. The Port Authority of NY and NJ oversees its traffic and infrastructure maintenance.",
];

const NOISY_DEMONSTRATION = [
  "The George Washington Bridge was a significant addition to New York's infrastructure, but there were many challenges during its construction, including budget overruns and worker strikes.",
  "While often mistaken for the opening of another iconic bridge, the Brooklyn Bridge, the George Washington Bridge has its own storied history involving political maneuvering and urban planning debates that shaped the bridge's final design.",
  "Discussions about the naming of the George Washington Bridge are interesting, as it was named to honor the first President of the United States. The name choice was significant given the geographical and historical implications of Washington's legacy.",
  "The bridge has been a point of contention over toll increases, traffic congestion solutions, and environmental impact assessments, which continue to affect policy decisions in the area.",
  "Considerations around the visual and architectural design of the George Washington Bridge also played a crucial role in its legacy as a landmark, balancing aesthetics with functionality.",
];

/** Commands that the documents tell people to run: their verbs and flags exist, and their settings are settings. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type EvaluationConfig,
  evaluationConfigSchema,
  type FineTuneConfig,
  fineTuneConfigSchema,
  parseConfig,
  type TrainConfig,
  trainConfigSchema,
} from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { readConfigFile } from "./config-file.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DOCUMENTS = [
  ...["README.md", "configs/README.md"],
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md") && name !== "log.md")
    .map((name) => `docs/${name}`),
];

/** Verbs that take a configuration and overrides of it. */
const SCHEMAS: Readonly<
  Record<string, Parameters<typeof parseConfig<TrainConfig | FineTuneConfig | EvaluationConfig>>[0]>
> = { train: trainConfigSchema, sft: fineTuneConfigSchema, eval: evaluationConfigSchema };

interface Invocation {
  readonly place: string;
  readonly verb: string;
  readonly args: readonly string[];
}

/** Whole commands in blocks of code; a backslash continues a line. */
function invocationsIn(document: string): Invocation[] {
  const blocks = [...readFileSync(join(ROOT, document), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)];
  const lines = blocks.flatMap(([, code = ""]) => code.replaceAll(/\\\n\s*/g, "").split("\n"));
  return lines.flatMap((line) => {
    const [, command] = /\bnpx zerosearch (.*)$/.exec(line) ?? [];
    const [verb = "", ...args] = wordsOf(command ?? "");
    return command === undefined ? [] : [{ place: `${document}: ${line}`, verb, args }];
  });
}

/** As a shell parts them, as far as our documents quote. */
function wordsOf(command: string): string[] {
  const words = command.replace(/\s#.*$/, "").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return [...words].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
}

/** What is declared between a verb and the next. */
function declarationOf(verb: string): string | undefined {
  const folder = join(ROOT, "packages/cli/src/program");
  const declarations = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const parts = declarations.flatMap((text) => text.split(/\.command\("/));
  return parts.find((part) => part.startsWith(`${verb}"`));
}

const INVOCATIONS = DOCUMENTS.flatMap(invocationsIn);

test("the documents hold commands", () => {
  expect(new Set(INVOCATIONS.map(({ verb }) => verb)).size).toBeGreaterThan(5);
});

test.each(INVOCATIONS.map((each) => [each.place, each] as const))("%s", (_, { verb, args }) => {
  const declaration = declarationOf(verb);
  if (declaration === undefined) throw new Error(`no command ${verb}`);
  const declared = declaration + (declarationOf(args[0] ?? "") ?? ""); // a command of a group, such as `data download`
  const settings: string[] = [];
  let isSetting = false;
  for (const arg of args) {
    if (arg.startsWith("--")) isSetting = !new RegExp(`"${arg}[" ]`).test(declared);
    if (isSetting) settings.push(arg);
  }
  if (!declared.includes(".allowUnknownOption()")) expect(settings).toEqual([]);
  const file = args.find((arg, i) => args[i - 1] === "--config" && arg.startsWith("configs/"));
  const schema = SCHEMAS[verb];
  if (file !== undefined && schema) {
    expect(parseConfig(schema, readConfigFile(join(ROOT, file), settings), file)).toBeDefined();
  }
});

const RUN = join(ROOT, "configs/reinforce-qwen2.5-3b.json");

test("overrides in the table of configs/README.md are settings", () => {
  const rows = [...readFileSync(join(ROOT, "configs/README.md"), "utf8").matchAll(/\| `(--[^`]+)` \|$/gm)];
  expect(rows.length).toBeGreaterThan(5);
  for (const [, override = ""] of rows) {
    expect(parseConfig(trainConfigSchema, readConfigFile(RUN, wordsOf(override)), override)).toBeDefined();
  }
});

test("settings with a dot in docs/from-the-reference.md exist", () => {
  const text = readFileSync(join(ROOT, "docs/from-the-reference.md"), "utf8");
  const cells = [...text.matchAll(/^\| .* \| (.*) \|$/gm)].map(([, cell = ""]) => cell);
  const names = cells.flatMap((cell) =>
    [...cell.matchAll(/`(?:--)?([a-z]\w*(?:\.\w+)+)/g)].map(([, name = ""]) => name),
  );
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    // An object is right for hardly any of them; what matters is that the complaint is not about the name.
    const config = readConfigFile(RUN, [`--${name}={}`]);
    expect(complaintAbout(config), name).not.toContain("is no setting");
  }
});

function complaintAbout(config: object): string {
  try {
    parseConfig(trainConfigSchema, config, "configuration");
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

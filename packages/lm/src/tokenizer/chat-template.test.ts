import { expect, test } from "vitest";
import { ModelFileError, RequestError } from "../errors.ts";
import { type ChatRequest, ChatTemplate } from "./chat-template.ts";
import { strftime } from "./strftime.ts";
import { chatTemplateOf } from "./tokenizer-config.ts";

const make = (source: string) => new ChatTemplate({ source, path: "m/chat_template.jinja" }, { bos_token: "<s>" });
const render = (source: string, request: Partial<ChatRequest> = {}) =>
  make(source).render({ messages: [], addGenerationPrompt: false, ...request });

test("a template sees messages, special tokens, tools and further variables", () => {
  const source =
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}:{{ m.content }}]{% endfor %}{{ tools[0].name }}{{ enable_thinking }}{% if add_generation_prompt %}>{% endif %}";
  const text = render(source, {
    messages: [{ role: "user", content: "{{ bos_token }}" }],
    addGenerationPrompt: true,
    tools: [{ name: "search" }],
    variables: { enable_thinking: false },
  });
  expect(text).toBe("<s>[user:{{ bos_token }}]searchfalse>");
});

test.each([
  ["{% for x in [1, 2, 3] %}{{ x }}{% if x == 2 %}{% break %}{% endif %}{% endfor %}", "break"],
  ["{% for x in [1] %}{%- continue -%}{% endfor %}", "continue"],
  ["{% macro f() %}{% for x in [1] %}{% if a %}{% else %}{% break %}{% endif %}{% endfor %}{% endmacro %}", "break"],
])("%s is refused", (source, word) => {
  expect(() => make(source)).toThrow(ModelFileError);
  expect(() => make(source)).toThrow(`m/chat_template.jinja: the chat template uses {% ${word} %}`);
});

test("the words break and continue are no loop control in text", () => {
  expect(render("break {{ 'continue' }}{# {% break %} #}")).toBe("break continue");
});

test("the date is the one that was given, in UTC", () => {
  const date = new Date("2024-07-26T23:30:00Z");
  expect(render('{{ strftime_now("%d %b %Y") }}', { date })).toBe("26 Jul 2024");
  expect(() => render('{{ strftime_now("%d %b %Y") }}')).toThrow(RequestError);
  expect(() => render('{{ strftime_now("%d %b %Y") }}')).toThrow(/writes the date: pass `date`/);
  expect(() => render('{{ strftime_now("%Q") }}', { date })).toThrow(/strftime_now: %Q in "%Q" is unknown/);
  expect(render("{% if strftime_now is defined %}yes{% endif %}")).toBe("yes");
});

test("dates are written as Python writes them", () => {
  const date = new Date("2026-02-03T00:05:09Z");
  expect(strftime(date, "%A %a %d %-d %B %b %m %Y %y %H:%M:%S %I %p %%")).toBe(
    "Tuesday Tue 03 3 February Feb 02 2026 26 00:05:09 12 AM %",
  );
});

test("range counts as Python's", () => {
  const source = "{{ range(3) | list }} {{ range(1, 4) | list }} {{ range(5, 0, -2) | list }} {{ range(2, 2) | list }}";
  expect(render(source)).toBe("[0, 1, 2] [1, 2, 3] [5, 3, 1] []");
});

test("what a template refuses is a request's error, what it can't do is named with its file", () => {
  expect(() => render("{{ raise_exception('roles must alternate') }}")).toThrow(RequestError);
  expect(() => render("{{ raise_exception('roles must alternate') }}")).toThrow(/refuses the conversation: roles must/);
  expect(() => render("{{ nothing() }}")).toThrow(/the chat template of m\/chat_template.jinja failed/);
  expect(() => make("{% if %}")).toThrow(ModelFileError);
  expect(() => make("{% for %}")).toThrow(/m\/chat_template.jinja: the chat template can't be read/);
});

test("a folder's template is chat_template.jinja, or one in tokenizer_config.json, or the default of several", () => {
  const file = new Map([["chat_template.jinja" as const, new TextEncoder().encode("file")]]);
  const path = "m/tokenizer_config.json";
  expect(chatTemplateOf(file, { chat_template: "config" }, "m")?.source).toBe("file");
  expect(chatTemplateOf(new Map(), { chat_template: "config" }, "m")).toEqual({ source: "config", path });
  expect(chatTemplateOf(new Map(), {}, "m")).toBeUndefined();
  const named = [
    { name: "default", template: "plain" },
    { name: "tool_use", template: "with tools" },
  ];
  const both = chatTemplateOf(new Map(), { chat_template: named }, "m");
  expect(both).toEqual({ source: "plain", toolSource: "with tools", path });
  const template = new ChatTemplate(both ?? { source: "", path }, {});
  expect(template.render({ messages: [], addGenerationPrompt: false })).toBe("plain");
  expect(template.render({ messages: [], addGenerationPrompt: false, tools: [{}] })).toBe("with tools");
  expect(() => chatTemplateOf(new Map(), { chat_template: 5 }, "m")).toThrow(/must be text or a list/);
});

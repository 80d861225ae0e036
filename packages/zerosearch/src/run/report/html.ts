/** HTML as values: what enters a template is escaped, whatever it is, unless it is markup of our own. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that was made by {@link html} or is a constant of ours. Texts of a run never become one. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand in a template. Undefined and false stand for nothing, a list for its members one after the other. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/** A template of HTML or SVG; attributes need double quotes around their values. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, i) => text + markupOf(values[i])).join(""));
}

function markupOf(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "string" || typeof value === "number") {
    return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
  }
  return value.map(markupOf).join("");
}

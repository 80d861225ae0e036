import { expect, test } from "vitest";
import { html } from "./html.ts";

test("texts and numbers are escaped in elements and in attributes", () => {
  const attack = `"><script>alert('x' & "y")</script>`;
  expect(html`<a title="${attack}">${attack}</a>`.markup).toBe(
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;">' +
      "&quot;&gt;&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;</a>",
  );
});

test("markup stays markup, lists are their members, and nothing stands for nothing", () => {
  expect(html`<ul>${["<", 2].map((one) => html`<li>${one}</li>`)}</ul>${undefined}${false}`.markup).toBe(
    "<ul><li>&lt;</li><li>2</li></ul>",
  );
});

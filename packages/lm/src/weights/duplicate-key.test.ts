import { expect, test } from "vitest";
import { duplicateKey } from "./duplicate-key.ts";

test.each([
  ['{"a":1,"b":2,"a":3}', "a"],
  ['{"a":{"b":1,"b":1}}', "b"],
  ['[{"a":1},{"a":[{"c":1,"c" : 2}]}]', "c"],
  ['{"é":1,"\\u00e9":2}', "é"],
  ['{"\\"":1,"\\"":2}', '"'],
  ['{"\\\\":1,"\\\\":2}', "\\"],
  ['{"__proto__":1,"__proto__":2}', "__proto__"],
])("%s has %s twice", (json, key) => expect(duplicateKey(json)).toBe(key));

test.each([
  "{}",
  '{"a":"a","b":["a","a","b"]}',
  '{"a":{"a":{"a":1}},"b":{"a":1}}',
  '{"a":"{\\"x\\":1,\\"x\\":2}"}',
  '"a"',
  '{"a":"\\\\","b":"\\\\"}',
])("%s has no key twice", (json) => expect(duplicateKey(json)).toBeUndefined());

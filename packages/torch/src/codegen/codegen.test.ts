import { describe, expect, test } from "vitest";
import { camelCase, parseAllowList } from "./allow-list.ts";
import { emitOperators, emitTable } from "./emit.ts";
import { kindText, parseSchema } from "./schema.ts";

describe("schemas", () => {
  test("a schema is read with its lists, optionals, aliases and defaults", () => {
    const schema = parseSchema(
      "aten::index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False, *, int[2] pad=[0, 1]) -> Tensor(a!)",
    );
    expect(schema).toMatchObject({ name: "aten::index_put_", overload: "" });
    expect(schema.arguments.map((a) => [a.name, kindText(a.type), a.defaultText, a.keywordOnly])).toEqual([
      ["self", "Tensor", undefined, false],
      ["indices", "Tensor?[]", undefined, false],
      ["values", "Tensor", undefined, false],
      ["accumulate", "bool", "False", false],
      ["pad", "int[]", "[0, 1]", true],
    ]);
    expect(schema.returns[0]?.written).toBe(true);
  });

  test("symbolic integers are integers, and one number is as good as int[1]", () => {
    const schema = parseSchema(
      "aten::f.dim(Tensor self, int[1]? dim, SymInt[] size) -> (Tensor values, Tensor indices)",
    );
    expect(schema.arguments.map((a) => kindText(a.type))).toEqual(["Tensor", "int[]?", "int[]"]);
    expect(schema.arguments[1]?.type.listOfOne).toBe(true);
    expect(schema.returns.map((r) => r.name)).toEqual(["values", "indices"]);
  });

  test("text that is no schema is refused", () => {
    expect(() => parseSchema("prim::Print(...) -> ()")).toThrow(SyntaxError);
  });
});

describe("the allow-list", () => {
  test("names become camel case, and the last underscore stays", () => {
    expect(["index_put_", "_foreach_add_", "log_softmax", "mm"].map(camelCase)).toEqual([
      "indexPut_",
      "foreachAdd_",
      "logSoftmax",
      "mm",
    ]);
  });

  test("a line that is not understood is named by its number", () => {
    expect(() => parseAllowList("mm\n\n# fine\nadd Tensor twice over")).toThrow(/ops.txt:4/);
  });

  test("an operator of newer libraries carries its schema", () => {
    const [row] = parseAllowList("since 2.4  aten::f_(Tensor(a!) self) -> Tensor(a!)");
    expect(row).toMatchObject({ name: "aten::f_", alias: "f_", newer: { since: "2.4" } });
  });
});

describe("emitting", () => {
  const operator = (text: string, number = 0, alias = "f") => ({
    number,
    alias,
    schema: parseSchema(text),
    since: undefined,
  });

  test("self makes a method, its absence a function; what is never varied is left out", () => {
    const method = emitOperators([
      operator("aten::f(Tensor self, int dim=-1, *, MemoryFormat? memory_format=None) -> Tensor"),
    ]);
    expect(method).toContain("  f(dim: number = -1): Tensor {");
    expect(emitOperators([operator("aten::f(Tensor input) -> Tensor")])).toContain(
      "export function f(input: Tensor): Tensor {",
    );
    expect(emitTable([operator("aten::f(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor")])).toContain(
      'argumentNames: ["self"], argumentKinds: ["Tensor"]',
    );
  });

  test("a Tensor and a Scalar overload share a method that looks at its argument", () => {
    const text = emitOperators([
      operator("aten::f.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", 3),
      operator("aten::f.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor", 4),
    ]);
    expect(text).toContain("f(other: Tensor | Scalar, options: { alpha?: Scalar } = {}): Tensor {");
    expect(text).toMatch(/if \(isScalar\(other\)\) \{\s+call\.begin\(4\)/);
  });

  test("a generator must be given", () => {
    const text = emitOperators([operator("aten::f_(Tensor(a!) self, *, Generator? generator=None) -> Tensor(a!)")]);
    expect(text).toContain("f(options: { generator: Generator }): this {");
  });

  test("overloads that differ in more than one argument can't share a name", () => {
    const clash = [
      operator("aten::f(Tensor self) -> Tensor"),
      operator("aten::f.dim(Tensor self, int dim) -> Tensor", 1),
    ];
    expect(() => emitOperators(clash)).toThrow(/overloads of f must differ in one argument/);
  });
});

/**
 * Turning schemas into TypeScript: a method where the first argument is `self`, a function otherwise; arguments after
 * `*` become one options object; defaults are the schema's; `Tensor(a!)` returns `this`; several results are a tuple.
 */
import { camelCase } from "./allow-list.ts";
import { kindText, type Schema, type SchemaArgument, type SchemaType } from "./schema.ts";

/** An operator as it will be emitted: its number is its row in the table that is resolved when the addon loads. */
export interface NumberedOperator {
  readonly number: number;
  readonly alias: string;
  readonly schema: Schema;
  readonly since: string | undefined;
}

const HEADER = "// Generated from ops.txt and libtorch's schemas by `npm run codegen`. DO NOT EDIT.\n";

/** Kinds of arguments that never vary in this project, so that libtorch's default always stands. */
const LEFT_OUT = new Set(["Layout", "MemoryFormat"]);
const LEFT_OUT_NAMES = new Set(["pin_memory", "implicit", "sparse_grad", "cudnn_enable"]);

function visibleArguments(schema: Schema): SchemaArgument[] {
  return schema.arguments.filter((a) => !LEFT_OUT.has(a.type.base) && !LEFT_OUT_NAMES.has(a.name));
}

/** The table that native.ts resolves and checks against the linked library. */
export function emitTable(operators: readonly NumberedOperator[]): string {
  const rows = operators.map(({ schema, since }) => {
    const visible = visibleArguments(schema);
    const fields = [
      `name: ${quote(schema.name)}`,
      `overload: ${quote(schema.overload)}`,
      `argumentNames: [${visible.map((a) => quote(a.name)).join(", ")}]`,
      `argumentKinds: [${visible.map((a) => quote(kindText(a.type))).join(", ")}]`,
      ...(since ? [`since: ${quote(since)}`] : []),
    ];
    return `  { ${fields.join(", ")} },`;
  });
  return `${HEADER}
/** One operator of the allow-list: what it is called and which arguments TypeScript writes, in order. */
export interface OperatorRow {
  readonly name: string;
  readonly overload: string;
  readonly argumentNames: readonly string[];
  readonly argumentKinds: readonly string[];
  /** Older libraries lack it; callers ask first. */
  readonly since?: string;
}

/** The allow-list; an operator's number is its row. */
export const OPERATORS: readonly OperatorRow[] = [
${rows.join("\n")}
];
`;
}

/** The typed operators: class TensorOps for those with a `self`, functions for the rest. */
export function emitOperators(operators: readonly NumberedOperator[]): string {
  const groups = new Map<string, NumberedOperator[]>();
  for (const operator of operators) groups.set(operator.alias, [...(groups.get(operator.alias) ?? []), operator]);
  const methods: string[] = [];
  const functions: string[] = [];
  for (const [alias, group] of groups) {
    if (isMethod(group)) methods.push(emitGroup(alias, group, "  "));
    else functions.push(emitGroup(alias, group, ""));
  }
  return `${HEADER}
import type { Device } from "./device.ts";
import type { Dtype } from "./dtype.ts";
import { call } from "./native.ts";
import type { Generator } from "./random.ts";
import { isScalar, type Scalar } from "./scalar.ts";
import type { Tensor } from "./tensor.ts";
import { TensorHandle } from "./tensor-handle.ts";

/** The operators that take a tensor first. Each comment is the operator's schema in libtorch, whose documentation holds. */
export abstract class TensorOps extends TensorHandle {
${methods.join("\n\n")}
}

${functions.join("\n\n")}
`;
}

function isMethod(group: readonly NumberedOperator[]): boolean {
  return group.every(({ schema }) => {
    const first = schema.arguments[0];
    return first?.name === "self" && first.type.base === "Tensor" && !first.type.list;
  });
}

function emitGroup(alias: string, group: readonly NumberedOperator[], indent: string): string {
  const [first, second] = group;
  if (!first || group.length > 2)
    throw new Error(`ops.txt: ${alias} names ${group.length} overloads, at most 2 can share a name`);
  const method = isMethod(group);
  const varying = second ? varyingArgument(alias, first, second) : undefined;
  const parameters = emitParameters(first, method, varying);
  const result = emitReturnType(first.schema, method);
  const documentation = group.map(({ schema }) => schema.text);
  const comment =
    documentation.length === 1
      ? [`/** ${documentation[0]} */`]
      : ["/**", ...documentation.map((text, i) => ` * ${text}${i + 1 < documentation.length ? "  " : ""}`), " */"];
  const head = method ? `${alias}(${parameters}): ${result} {` : `export function ${alias}(${parameters}): ${result} {`;
  const body: string[] = [];
  if (second && varying) {
    const [scalar, tensor] = isScalarType(argument(first, varying).type) ? [first, second] : [second, first];
    body.push(`if (isScalar(${parameterName(argument(scalar, varying))})) {`);
    body.push(...emitCall(scalar, method).map((line) => `  ${line}`), "}", ...emitCall(tensor, method));
  } else {
    body.push(...emitCall(first, method));
  }
  return [...comment, head, ...body.map((line) => `  ${line}`), "}"].map((line) => indent + line).join("\n");
}

function argument(operator: NumberedOperator, name: string): SchemaArgument {
  const found = operator.schema.arguments.find((a) => a.name === name);
  if (!found) throw new Error(`internal: ${operator.schema.text} has no argument ${name}`);
  return found;
}

const isScalarType = (type: SchemaType): boolean => type.base === "Scalar";

function varyingArgument(alias: string, first: NumberedOperator, second: NumberedOperator): string {
  const others = new Map(visibleArguments(second.schema).map((a) => [a.name, a]));
  const varying = visibleArguments(first.schema).filter((a) => {
    const other = others.get(a.name);
    return !other || kindText(a.type) !== kindText(other.type);
  });
  const only = varying[0];
  if (!only || varying.length !== 1 || others.size !== visibleArguments(first.schema).length) {
    throw new Error(
      `ops.txt: the overloads of ${alias} must differ in one argument, a Tensor and a Scalar. Give one another name.`,
    );
  }
  return only.name;
}

/** Arguments in the caller's order: positional ones, then one options object. */
function emitParameters(operator: NumberedOperator, method: boolean, varying: string | undefined): string {
  const visible = visibleArguments(operator.schema).slice(method ? 1 : 0);
  const positional = visible.filter((a) => !isOption(a, operator));
  const options = visible.filter((a) => isOption(a, operator));
  const parts = positional.map((a, index) => {
    const type = a.name === varying ? "Tensor | Scalar" : emitType(a.type);
    const mayOmit = positional.slice(index).every((later) => fallback(later) !== undefined);
    const value = fallback(a);
    return mayOmit && value !== undefined ? `${parameterName(a)}: ${type} = ${value}` : `${parameterName(a)}: ${type}`;
  });
  if (options.length > 0) {
    const fields = options.map(
      (a) => `${camelCase(a.name)}${fallback(a) === undefined ? "" : "?"}: ${emitType(a.type)}`,
    );
    const required = options.some((a) => fallback(a) === undefined);
    parts.push(`options: { ${fields.join("; ")} }${required ? "" : " = {}"}`);
  }
  return parts.join(", ");
}

/** `add.Scalar` has a positional alpha where `add.Tensor` has an option: alike in TypeScript. */
function isOption(a: SchemaArgument, operator: NumberedOperator): boolean {
  return a.keywordOnly || (a.name === "alpha" && operator.schema.arguments[0]?.name === "self");
}

function emitCall(operator: NumberedOperator, method: boolean): string[] {
  const lines = [`call.begin(${operator.number});`];
  if (visibleArguments(operator.schema).some((a) => isOption(a, operator))) lines.push("call.options(options);");
  for (const [index, a] of visibleArguments(operator.schema).entries()) {
    const name = parameterName(a);
    const value = method && index === 0 ? "this" : isOption(a, operator) ? optionValue(a) : name;
    lines.push(`call.${writer(a.type)}(${value}, ${quote(camelCase(a.name))});`);
  }
  lines.push(...emitReturn(operator.schema, method));
  return lines;
}

function optionValue(a: SchemaArgument): string {
  const value = fallback(a);
  const field = `options.${camelCase(a.name)}`;
  return value === undefined ? field : `${field} ?? ${value}`;
}

function writer(type: SchemaType): string {
  const names: Record<string, string> = {
    Tensor: "tensor",
    int: "int",
    float: "float",
    bool: "bool",
    Scalar: "scalar",
    ScalarType: "dtype",
    Device: "device",
    str: "string",
    Generator: "generator",
  };
  const base = names[type.base];
  if (!base) throw new Error(`no writer for the type ${type.base}`);
  if (type.optionalElements) return "tensorsOrNull";
  const plural = type.list ? `${base}s` : base;
  return type.optional && type.base !== "Generator" ? `optional${plural[0]?.toUpperCase()}${plural.slice(1)}` : plural;
}

function emitType(type: SchemaType): string {
  const names: Record<string, string> = {
    Tensor: "Tensor",
    int: "number",
    float: "number",
    bool: "boolean",
    Scalar: "Scalar",
    ScalarType: "Dtype",
    Device: "Device",
    str: "string",
    Generator: "Generator",
  };
  let text = names[type.base] ?? type.base;
  if (type.optionalElements) text = `(${text} | null)`;
  if (type.list) text = type.listOfOne ? `${text} | readonly ${text}[]` : `readonly ${text}[]`;
  return type.optional && type.base !== "Generator" ? `${text} | null` : text;
}

/** The default as TypeScript; undefined where the caller must say. A generator is never left to a hidden global. */
function fallback(a: SchemaArgument): string | undefined {
  if (a.type.base === "Generator") return undefined;
  const text = a.defaultText;
  if (text === undefined) return a.type.optional ? "null" : undefined;
  if (text === "None") return "null";
  if (text === "True" || text === "False") return text.toLowerCase();
  if (a.type.base === "ScalarType") return text === "4" ? '"int64"' : undefined;
  if (a.type.base === "str") return quote(text.replaceAll('"', ""));
  if (a.type.list) return text;
  return String(Number(text));
}

function emitReturnType(schema: Schema, method: boolean): string {
  const [first] = schema.returns;
  if (!first) return "void";
  if (first.written) return method ? "this" : "void";
  if (first.type.base === "bool") return "boolean";
  if (first.type.base === "int") return "number";
  if (first.type.list) return "Tensor[]";
  if (schema.returns.length === 1) return "Tensor";
  return `[${schema.returns.map((r) => (r.name ? `${camelCase(r.name)}: Tensor` : "Tensor")).join(", ")}]`;
}

function emitReturn(schema: Schema, method: boolean): string[] {
  const [first] = schema.returns;
  if (!first) return ["call.invoke();"];
  if (first.written) return method ? ["call.invoke();", "return this;"] : ["call.invoke();"];
  if (first.type.base === "bool") return ["return call.invoke() !== 0;"];
  if (first.type.base === "int") return ["return call.invoke();"];
  if (first.type.list) return ["return call.tensorList();"];
  if (schema.returns.length === 1) return ["return call.tensorResult();"];
  return [`return call.tensorList() as ${emitReturnType(schema, method)};`];
}

/** TypeScript's name of a positional argument: `self` of a function, and JavaScript's own words, are renamed. */
function parameterName(a: SchemaArgument): string {
  if (a.name === "self") return a.type.list ? "tensors" : "input";
  if (a.name === "from") return "low";
  if (a.name === "to") return "high";
  return camelCase(a.name);
}

const quote = (text: string): string => JSON.stringify(text);

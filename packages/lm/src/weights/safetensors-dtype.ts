/** The element types of the safetensors format, and which of them a tensor can have. */
import type { Dtype } from "@zerosearch/torch";

const DTYPES: ReadonlyMap<string, { readonly dtype: Dtype; readonly bytes: number }> = new Map([
  ["F64", { dtype: "float64", bytes: 8 }],
  ["F32", { dtype: "float32", bytes: 4 }],
  ["F16", { dtype: "float16", bytes: 2 }],
  ["BF16", { dtype: "bfloat16", bytes: 2 }],
  ["I64", { dtype: "int64", bytes: 8 }],
  ["I32", { dtype: "int32", bytes: 4 }],
  ["I16", { dtype: "int16", bytes: 2 }],
  ["I8", { dtype: "int8", bytes: 1 }],
  ["U8", { dtype: "uint8", bytes: 1 }],
  ["BOOL", { dtype: "bool", bytes: 1 }],
]);

const WITHOUT_TENSOR: ReadonlySet<string> = new Set(
  "F4 F6_E2M3 F6_E3M2 F8_E4M3 F8_E5M2 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ U16 U32 U64 C64".split(" "),
);

const NAMES = new Map([...DTYPES].map(([name, { dtype, bytes }]) => [dtype, { name, bytes }]));

/** The names in a file of the element types that can be read. */
export const READABLE_DTYPES: readonly string[] = [...DTYPES.keys()];

/** The element type behind a name in a file; undefined for every name that can't be read. */
export function dtypeOfName(name: string): { readonly dtype: Dtype; readonly bytes: number } | undefined {
  return DTYPES.get(name);
}

/** Whether the format has a type of this name, although no tensor has it. */
export function isKnownDtypeName(name: string): boolean {
  return DTYPES.has(name) || WITHOUT_TENSOR.has(name);
}

/** The name of an element type in a file, and its size. */
export function nameOfDtype(dtype: Dtype): { readonly name: string; readonly bytes: number } {
  const facts = NAMES.get(dtype);
  if (!facts) throw new Error(`internal: no safetensors name for ${dtype}`);
  return facts;
}

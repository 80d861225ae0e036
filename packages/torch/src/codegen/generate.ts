/**
 * `npm run codegen` writes src/operators.generated.ts and src/ops.generated.ts; with --check it compares instead, and
 * fails on a difference. The committed files come from libtorch 1.13, the oldest supported: with a newer library, whose
 * schemas may have more arguments, there is nothing to compare; native.ts checks every operator when it loads.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { loadAddon } from "../addon.ts";
import { parseAllowList } from "./allow-list.ts";
import { emitOperators, emitTable, type NumberedOperator } from "./emit.ts";
import { parseSchema } from "./schema.ts";

const OLDEST = "1.13";
const root = new URL("../../", import.meta.url);

function main(check: boolean): number {
  const { binding } = loadAddon();
  if (!binding.version().startsWith(OLDEST)) {
    console.error(`codegen: skipped, it needs libtorch ${OLDEST} and this is ${binding.version()}`);
    return check ? 0 : 1;
  }
  const operators = parseAllowList(readFileSync(new URL("ops.txt", root), "utf8")).map(
    ({ name, overload, alias, newer }, number): NumberedOperator => {
      const text = newer?.schema ?? binding.schema(name, overload);
      if (text === "")
        throw new Error(`ops.txt: ${name}${overload && `.${overload}`} is not in libtorch ${binding.version()}`);
      return { number, alias, schema: parseSchema(text), since: newer?.since };
    },
  );
  const files = { "operators.generated.ts": emitTable(operators), "ops.generated.ts": emitOperators(operators) };
  let stale = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = new URL(`src/${name}`, root);
    if (!check) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) {
      stale++;
      console.error(`codegen: packages/torch/src/${name} is stale. Run: npm run codegen`);
    }
  }
  console.error(`codegen: ${operators.length} operators${check ? " checked" : " written"}`);
  return stale === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.includes("--check"));

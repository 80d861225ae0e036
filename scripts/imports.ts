/** One import or re-export of a module. */
export interface ImportStatement {
  readonly specifier: string;
  /** `import type` and `export type … from`: nothing is loaded at run time. */
  readonly typeOnly: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[\w*{][^'";]*?\sfrom\s+)['"]([^'"]+)['"]/gm;
const SIDE_EFFECT = /^import\s+['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;
const COMMENT_LINE = /^\s*(?:\/\/|\/?\*).*$/gm;

/**
 * The modules a source file names. Reads formatted code, in which a statement starts its line and a
 * comment line starts with `//`, `/*` or `*`: the compiler in use has no API to parse with.
 *
 * `import { type A } from` counts as a value import: under `verbatimModuleSyntax` it loads the module.
 */
export function importsOf(source: string): ImportStatement[] {
  const code = source.replaceAll(COMMENT_LINE, "");
  const found: ImportStatement[] = [];
  for (const [, type, specifier = ""] of code.matchAll(STATIC)) {
    found.push({ specifier, typeOnly: type !== undefined });
  }
  for (const pattern of [SIDE_EFFECT, DYNAMIC]) {
    for (const [, specifier = ""] of code.matchAll(pattern)) {
      found.push({ specifier, typeOnly: false });
    }
  }
  return found;
}

import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

const SKIPPED = new Set(["node_modules", "dist", "build", "runs", "coverage", ".git"]);

/**
 * Files under a folder that a person maintains, so nothing installed or built.
 *
 * @param extensions such as `.ts`
 * @returns paths relative to `root`, with `/`, sorted
 */
export function sourceFiles(root: string, extensions: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(path);
      } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
        found.push(relative(root, path).split(sep).join("/"));
      }
    }
  };
  walk(root);
  return found.sort();
}

import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { type ImportStatement, importsOf } from "./imports.ts";
import { sourceFiles } from "./source-files.ts";

interface PackageLayer {
  readonly folder: string;
  /** Workspace packages it may import. */
  readonly imports: readonly string[];
  /** Folders of its `src`, in import order; folders of one inner list never import each other. */
  readonly order?: readonly (readonly string[])[];
  /** For a workspace package: the only folders that may import values from it; the rest import types. */
  readonly valueImports?: Readonly<Record<string, readonly string[]>>;
}

/** `layers.json`: who may import whom. */
export interface Layers {
  readonly packages: Readonly<Record<string, PackageLayer>>;
}

/**
 * Checks every import between workspace packages, and between the ordered folders of one.
 *
 * @returns one sentence per forbidden import
 */
export function checkLayers(root: string, layers: Layers): string[] {
  return Object.entries(layers.packages).flatMap(([name, layer]) => {
    const declared = declaredDependencies(join(root, layer.folder, "package.json"));
    return sourceFiles(join(root, layer.folder), [".ts", ".mjs"]).flatMap((file) => {
      const source = readFileSync(join(root, layer.folder, file), "utf8");
      return importsOf(source).flatMap((statement) => {
        const fault = statement.specifier.startsWith(".")
          ? relativeFault(layer, file, statement)
          : packageFault(layers, { name, layer, declared }, file, statement);
        return fault === undefined ? [] : [`${layer.folder}/${file}: ${fault}`];
      });
    });
  });
}

function declaredDependencies(path: string): Set<string> {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(readFileSync(path, "utf8"));
  const kinds = ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"];
  return new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})));
}

/** The package whose files are being checked. */
interface Importer {
  readonly name: string;
  readonly layer: PackageLayer;
  readonly declared: ReadonlySet<string>;
}

function packageFault(
  layers: Layers,
  { name: importer, layer, declared }: Importer,
  file: string,
  { specifier, typeOnly }: ImportStatement,
): string | undefined {
  const target = Object.keys(layers.packages).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (target === undefined || target === importer) return undefined;
  if (!layer.imports.includes(target)) {
    const allowed = layer.imports.join(", ") || "no workspace package";
    return `imports ${target}, but layers.json lets ${importer} import ${allowed}.`;
  }
  if (!declared.has(target)) {
    return `imports ${target}, which ${layer.folder}/package.json does not declare. Add it there.`;
  }
  const allowedFolders = layer.valueImports?.[target];
  const folder = folderOf(file);
  if (!typeOnly && allowedFolders && !allowedFolders.includes(folder ?? "")) {
    return `imports values from ${target}; only ${allowedFolders.join(", ")} may. Use import type.`;
  }
  return undefined;
}

function relativeFault(layer: PackageLayer, file: string, { specifier }: ImportStatement): string | undefined {
  const target = posix.join(dirname(file), specifier);
  if (target.startsWith("../")) {
    return `imports ${specifier}, outside its package. Import the package by its name.`;
  }
  const [from, to] = [folderOf(file), folderOf(target)];
  if (layer.order === undefined || from === undefined || to === undefined || from === to) {
    return undefined;
  }
  const rank = (folder: string) => layer.order?.findIndex((group) => group.includes(folder)) ?? -1;
  const unknown = [from, to].find((folder) => rank(folder) === -1);
  if (unknown !== undefined) {
    return `folder src/${unknown} has no place in the order of layers.json. Give it one.`;
  }
  if (rank(to) < rank(from)) return undefined;
  return `src/${from} imports src/${to}, which stands beside or after it in layers.json.`;
}

/** The folder directly under `src`, if the file is in one. */
function folderOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

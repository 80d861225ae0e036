/**
 * `tsc -b` builds a project's `references` before the project, and everything else beside it. A project that imports
 * another without naming it may be compiled before the other's `dist` is there: on a fresh clone only.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { importsOf } from "./imports.ts";
import { sourceFiles } from "./source-files.ts";

/** One tsconfig; paths are relative to the repository. */
interface Project {
  /** As other projects refer to it: its folder, or its file where that has another name than tsconfig.json. */
  readonly path: string;
  readonly folder: string;
  /** Where its sources lie. */
  readonly sources: string;
  readonly output: string;
  readonly extensions: readonly string[];
  readonly references: readonly string[];
}

/**
 * Compares what each project of the root's tsconfig.json imports with what it refers to.
 *
 * @returns one sentence per reference that is missing or not needed
 */
export function checkReferences(root: string): string[] {
  const projects = readReferences(root, "tsconfig.json").map((path) => readProject(root, path));
  const typesOf = exportedTypes(root, projects);
  return projects.flatMap((project) => {
    const imported = importedProjects(root, project, { projects, typesOf });
    const missing = [...imported].filter(([path]) => !project.references.includes(path));
    const unused = project.references.filter((path) => !imported.has(path));
    return [
      ...missing.map(([path, file]) => `${project.path}: ${file} imports ${path}, which its references lack. Add it.`),
      ...unused.map((path) => `${project.path}: refers to ${path}, which it does not import. Remove it.`),
    ];
  });
}

function readReferences(root: string, file: string): string[] {
  const { references = [] }: { references?: { path: string }[] } = JSON.parse(readFileSync(join(root, file), "utf8"));
  return references.map(({ path }) => posix.join(dirname(file), path));
}

function readProject(root: string, path: string): Project {
  const file = path.endsWith(".json") ? path : `${path}/tsconfig.json`;
  const { compilerOptions }: { compilerOptions: { rootDir?: string; outDir: string; allowJs?: boolean } } = JSON.parse(
    readFileSync(join(root, file), "utf8"),
  );
  const folder = dirname(file);
  return {
    path,
    folder,
    sources: posix.join(folder, compilerOptions.rootDir ?? "."),
    output: posix.join(folder, compilerOptions.outDir),
    extensions: [compilerOptions.allowJs ? ".mjs" : ".ts"],
    references: readReferences(root, file),
  };
}

/** The files of types that packages export, by what an import statement says, such as `@zerosearch/torch`. */
function exportedTypes(root: string, projects: readonly Project[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const { folder } of projects) {
    const manifest = join(root, folder, "package.json");
    if (!existsSync(manifest)) continue;
    const { name, exports = {} }: { name: string; exports?: Record<string, { types: string }> } = JSON.parse(
      readFileSync(manifest, "utf8"),
    );
    for (const [subpath, target] of Object.entries(exports)) {
      types.set(posix.join(name, subpath), posix.join(folder, target.types));
    }
  }
  return types;
}

/** Other projects that a project imports, each with the first file that does. */
function importedProjects(
  root: string,
  project: Project,
  { projects, typesOf }: { readonly projects: readonly Project[]; readonly typesOf: ReadonlyMap<string, string> },
): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of sourceFiles(join(root, project.sources), project.extensions)) {
    const file = posix.join(project.sources, name);
    for (const { specifier } of importsOf(readFileSync(join(root, file), "utf8"))) {
      const target = specifier.startsWith(".")
        ? projects.find(({ sources }) => isIn(sources, posix.join(dirname(file), specifier)))
        : projects.find(({ output }) => isIn(output, typesOf.get(specifier) ?? ""));
      const isOther = target !== undefined && target.sources !== project.sources;
      if (isOther && !found.has(target.path)) found.set(target.path, file);
    }
  }
  return found;
}

function isIn(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}

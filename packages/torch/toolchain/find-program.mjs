import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @param {string} name
 * @param {string} [path]  folders to look in, as in PATH
 * @returns {string | undefined} the full path of the first executable of that name
 */
export function findProgram(name, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** `npm run bench -- NAME`: runs the benchmark of that name, a sibling of this file. */
import { readdirSync } from "node:fs";

const SELF = "run";
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.slice(0, -".js".length))
  .filter((name) => name !== SELF);

const [name] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  const seen = name === undefined ? "No benchmark was named" : `No benchmark is called ${name}`;
  console.error(`${seen}. Run: npm run bench -- NAME, with NAME one of: ${names.join(", ")}`);
  process.exitCode = 2;
} else {
  await import(`./${name}.js`);
}

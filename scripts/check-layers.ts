import { readFileSync } from "node:fs";
import { checkLayers, type Layers } from "./layers.ts";
import { checkReferences } from "./references.ts";

const layers: Layers = JSON.parse(readFileSync("layers.json", "utf8"));
const faults = [...checkLayers(process.cwd(), layers), ...checkReferences(process.cwd())];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

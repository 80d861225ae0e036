import { checkSize } from "./size.ts";

const { errors, warnings } = checkSize(process.cwd());
for (const line of warnings) console.warn(`warning: ${line}`);
for (const line of errors) console.error(line);
if (errors.length > 0) process.exitCode = 1;

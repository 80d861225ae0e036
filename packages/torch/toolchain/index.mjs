export { buildAddon, currentAddon } from "./build-addon.mjs";
export { explainMissing } from "./explain-missing.mjs";
export { findLibtorch } from "./find-libtorch.mjs";
export { findProgram } from "./find-program.mjs";
export { runLogged } from "./run-logged.mjs";
export { aptCommand, aptInstall, missingPackages, whyNotInstall } from "./system-packages.mjs";
export { writeAtomic } from "./write-atomic.mjs";

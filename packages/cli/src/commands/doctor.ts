import { currentAddon, explainMissing, findLibtorch } from "@zerosearch/torch/toolchain";
import pc from "picocolors";
import { doctorText } from "../doctor-text.ts";

/** `zerosearch doctor` */
export async function runDoctor({ json }: { json: boolean }): Promise<void> {
  const { libtorch: found, rejected } = findLibtorch();
  if (currentAddon() === undefined) {
    const reason = found === undefined ? explainMissing(rejected) : `libtorch is at ${found.root}`;
    throw new Error(`The native addon has not been built. ${reason}\nRun: npm run setup`);
  }
  const { diagnose } = await import("../doctor.ts");
  const diagnosis = diagnose();
  if (json) {
    console.log(JSON.stringify({ ...diagnosis, rejected }, null, 2));
    return;
  }
  console.log(doctorText(diagnosis));
  for (const { source, root, reason } of rejected) {
    console.log(`  ${pc.dim(`passed over: ${source} (${root}): ${reason}`)}`);
  }
  for (const warning of diagnosis.warnings) console.log(`${pc.yellow("warning")} ${warning}`);
}

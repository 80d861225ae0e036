/**
 * Why no libtorch could be used and what to do, as one message.
 *
 * @param {readonly import('./libtorch.mjs').Rejected[]} rejected
 * @param {Readonly<Record<string, string | undefined>>} [env]
 */
export function explainMissing(rejected, env = process.env) {
  const looked = rejected.map(({ root, source, reason }) => `  ${source} (${root}): ${reason}`);
  if (env.LIBTORCH) {
    return [
      `LIBTORCH is set to ${env.LIBTORCH}, which is not a usable libtorch:`,
      ...looked,
      "Expected a folder with include/ and lib/libtorch_cpu.so. Correct LIBTORCH, or unset it to search elsewhere.",
    ].join("\n");
  }
  return [
    "No usable libtorch was found. Looked at:",
    ...looked,
    "Install one: `apt-get install libtorch-dev` (Debian, Ubuntu), a Python `torch` package on PATH,",
    "or unpack libtorch anywhere and set LIBTORCH to that folder.",
  ].join("\n");
}

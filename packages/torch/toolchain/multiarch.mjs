/** Debian's name for this machine's kind, as in `/usr/lib/x86_64-linux-gnu`. */
export const MULTIARCH = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;

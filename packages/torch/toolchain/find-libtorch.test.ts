import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { explainMissing } from "./explain-missing.mjs";
import { findLibtorch } from "./find-libtorch.mjs";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "zerosearch-libtorch-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

const API = "include/torch/csrc/api/include/torch/version.h";
const versionHeader = (major: number) =>
  `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR 5\n#define TORCH_VERSION_PATCH 1\n`;

/** A folder that looks like libtorch. */
function fakeLibtorch(folder: string, { major = 2, headers = true } = {}): string {
  write(`${folder}/lib/libtorch_cpu.so`, "ProcessGroupGloo");
  write(`${folder}/lib/libc10.so`, "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string");
  if (headers) write(`${folder}/${API}`, versionHeader(major));
  return join(root, folder);
}

/** An executable that answers like python, whatever it is asked. */
function fakePython(path: string, answer: string, exitCode = 0): string {
  const full = write(path, `#!/bin/sh\necho '${answer}'\nexit ${exitCode}\n`);
  chmodSync(full, 0o755);
  return full;
}

const NOWHERE = { env: { PATH: "" }, systemPython: "/nonexistent/python3", systemRoots: [] };

test("LIBTORCH wins over every python and over the system", () => {
  const named = fakeLibtorch("named", { major: 3 });
  fakePython("bin/python3", fakeLibtorch("other"));
  const env = { LIBTORCH: named, PATH: join(root, "bin") };
  const { libtorch } = findLibtorch({ ...NOWHERE, env, systemRoots: [fakeLibtorch("usr")] });
  expect(libtorch).toMatchObject({ root: named, version: "3.5.1", source: "LIBTORCH" });
});

test("a LIBTORCH that is wrong ends the search, and the message says what it was", () => {
  const env = { LIBTORCH: join(root, "empty"), PATH: "" };
  const { libtorch, rejected } = findLibtorch({
    ...NOWHERE,
    env,
    systemRoots: [fakeLibtorch("usr")],
  });
  expect(libtorch).toBeUndefined();
  expect(rejected).toHaveLength(1);
  expect(explainMissing(rejected, env)).toMatch(
    /LIBTORCH is set to .*empty.*\n.*no libtorch_cpu\.so.*\n.*Correct LIBTORCH/,
  );
});

test("the active environment's python comes before the one on PATH", () => {
  const active = fakeLibtorch("active");
  fakePython("venv/bin/python", active);
  fakePython("bin/python3", fakeLibtorch("other"));
  const env = { VIRTUAL_ENV: join(root, "venv"), PATH: join(root, "bin") };
  const { libtorch } = findLibtorch({ ...NOWHERE, env });
  expect(libtorch).toMatchObject({ root: active, source: "torch package of $VIRTUAL_ENV" });
});

test("a torch package without headers is skipped and the reason kept", () => {
  fakePython("bin/python3", fakeLibtorch("bare", { headers: false }));
  const system = fakeLibtorch("usr");
  const { libtorch, rejected } = findLibtorch({
    ...NOWHERE,
    env: { PATH: join(root, "bin") },
    systemRoots: [system],
  });
  expect(libtorch?.root).toBe(system);
  expect(rejected).toEqual([
    expect.objectContaining({
      root: join(root, "bare"),
      reason: expect.stringContaining("no C++ headers"),
    }),
  ]);
});

test("a shim on PATH that fails does not hide the system's python", () => {
  fakePython("shims/python3", "pyenv: no such version", 127);
  const packaged = fakeLibtorch("packaged");
  const systemPython = fakePython("usr/bin/python3", packaged);
  const { libtorch, rejected } = findLibtorch({
    ...NOWHERE,
    env: { PATH: join(root, "shims") },
    systemPython,
  });
  expect(libtorch?.root).toBe(packaged);
  expect(rejected[0]?.reason).toContain("did not answer");
});

test("a python without torch is no reason to complain, and the next place is asked", () => {
  const systemPython = fakePython("usr/bin/python3", "");
  const found = findLibtorch({ ...NOWHERE, systemPython, systemRoots: [fakeLibtorch("opt")] });
  expect(found.libtorch?.root).toBe(join(root, "opt"));
  expect(found.rejected).toEqual([]);
});

test("a folder of links stands for the library that the loader will use", () => {
  const real = fakeLibtorch("real");
  mkdirSync(join(root, "linked/lib"), { recursive: true });
  symlinkSync(join(real, "include"), join(root, "linked/include"));
  symlinkSync(join(real, "lib/libtorch_cpu.so"), join(root, "linked/lib/libtorch_cpu.so"));
  const env = { LIBTORCH: join(root, "linked"), PATH: "" };
  expect(findLibtorch({ ...NOWHERE, env }).libtorch).toMatchObject({ root: real, libDir: join(real, "lib") });
});

test("newer layouts keep the version numbers in headeronly/version.h", () => {
  const folder = fakeLibtorch("new");
  write(`new/${API}`, "#include <torch/headeronly/version.h>\n");
  write("new/include/torch/headeronly/version.h", versionHeader(4));
  const env = { LIBTORCH: folder, PATH: "" };
  expect(findLibtorch({ ...NOWHERE, env }).libtorch?.version).toBe("4.5.1");
});

test("the C++ ABI and Gloo are read from the libraries, and a CPU build says so", () => {
  const folder = fakeLibtorch("plain");
  write("plain/lib/libc10.so", "_ZN3c105ErrorC1ENS_14SourceLocationESs");
  write("plain/include/torch/csrc/distributed/c10d/ProcessGroupGloo.hpp", "");
  write("plain/include/gloo/config.h", "");
  const env = { LIBTORCH: folder, PATH: "" };
  expect(findLibtorch({ ...NOWHERE, env }).libtorch).toMatchObject({
    cxx11Abi: false,
    cuda: false,
    gloo: true,
    notes: [expect.stringContaining("built without CUDA")],
  });
});

test("a CUDA library that cannot be resolved means CPU, with the reason", () => {
  const folder = fakeLibtorch("broken");
  write("broken/lib/libtorch_cuda.so", "not a library");
  const env = { LIBTORCH: folder, PATH: "" };
  expect(findLibtorch({ ...NOWHERE, env }).libtorch).toMatchObject({
    cuda: false,
    notes: [expect.stringContaining("libtorch_cuda.so")],
  });
});

test("with nothing anywhere, the message names each way to get a libtorch", () => {
  const { libtorch, rejected } = findLibtorch({ ...NOWHERE, systemRoots: [join(root, "usr")] });
  expect(libtorch).toBeUndefined();
  expect(explainMissing(rejected, {})).toMatch(/apt-get install libtorch-dev[\s\S]*LIBTORCH/);
});

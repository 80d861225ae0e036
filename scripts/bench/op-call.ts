/**
 * B1: what one call of a small operator costs from TypeScript and from Python, on the same libtorch, the same 4 × 4
 * tensors, one thread; then a recorded chain of the same operators, replayed. The ratio is the worst of the calls'.
 */
import { fileURLToPath } from "node:url";
import { full, record, setThreads, type Tensor, tidy } from "@zerosearch/torch";
import { conclude, environment, interleave, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { PythonPeer, pythonOfSameLibtorch } from "./support/python-peer.ts";

const TURNS = 11;
const CALLS = 20_000;
/** Tensors made in one scope, as in a layer of a model. */
const CALLS_PER_SCOPE = 100;
const CHAIN = 1000;
const BAR_CALL = 1.3;
const BAR_REPLAY = 0.8;

setThreads(1);
const x = full([4, 4], 1.5);
const y = full([4, 4], 0.5);
const w = full([4, 4], 1.5).requireGrad();

const CASES: Record<string, () => Tensor> = {
  "add-plain": () => x.add(y),
  "add-grad": () => w.add(y),
  "mul-plain": () => x.mul(y),
  "mul-grad": () => w.mul(y),
  "view-plain": () => x.view([2, 8]),
  "view-grad": () => w.view([2, 8]),
};

/** Nanoseconds per call. */
function measure(call: () => Tensor): number {
  const startedAt = process.hrtime.bigint();
  for (let scope = 0; scope < CALLS / CALLS_PER_SCOPE; scope++) {
    tidy(() => {
      for (let i = 0; i < CALLS_PER_SCOPE; i++) call();
    });
  }
  return Number(process.hrtime.bigint() - startedAt) / CALLS;
}

function chain(a: Tensor, b: Tensor): Tensor[] {
  let result = a;
  for (let i = 0; i < CHAIN; i++) result = result.add(b);
  return [result];
}

function measureReplay(replay: () => Tensor[]): number {
  const startedAt = process.hrtime.bigint();
  for (let i = 0; i < CALLS / CHAIN; i++) tidy(replay);
  return Number(process.hrtime.bigint() - startedAt) / CALLS;
}

function show(name: string, pairs: readonly Pair[]): number {
  const [ours, theirs] = [0, 1].map((side) => spread(pairs.map((pair) => pair[side] ?? Number.NaN)).median);
  const ratio = spread(ratios(pairs));
  console.log(
    `${name.padEnd(12)} ${(ours ?? 0).toFixed(0).padStart(6)} ns  Python ${(theirs ?? 0).toFixed(0).padStart(6)} ns   ratio ${showSpread(ratio)}`,
  );
  return ratio.median;
}

const { python, version } = pythonOfSameLibtorch();
using peer = new PythonPeer(python, fileURLToPath(new URL("../../bench/op-call.py", import.meta.url)));
console.log(`op-call: 4 × 4 float32, ${TURNS} interleaved turns of ${CALLS} calls; PyTorch ${version}`);

const measured: Record<string, Pair[]> = {};
const medians: Record<string, number> = {};
for (const [name, call] of Object.entries(CASES)) {
  const pairs = await interleave(
    () => measure(call),
    () => peer.ask(`${name} ${CALLS}`),
    TURNS,
  );
  measured[name] = pairs;
  medians[name] = show(name, pairs);
}
const { program } = record(chain, [x, y]);
const replays = await interleave(
  () => measureReplay(() => program.runSync([x, y])),
  () => peer.ask(`chain-plain ${CALLS}`),
  TURNS,
);
const replay = show("replay", replays);
console.log(
  `replay: a chain of ${CHAIN} adds in one program, ${program.facts.reusing} of them into used buffers; ` +
    `bar ≤ ${BAR_REPLAY}: ${replay <= BAR_REPLAY ? "pass" : "FAIL"}`,
);

const [worst = "", ratio = Number.NaN] = Object.entries(medians).sort((a, b) => b[1] - a[1])[0] ?? [];
process.exitCode = conclude({
  name: "op-call",
  ratio,
  better: "lower",
  bar: BAR_CALL,
  pass: ratio <= BAR_CALL && replay <= BAR_REPLAY,
  pairs: measured[worst] ?? [],
  environment: { ...environment(), python: version, worst, medians, replay },
});

/** The verbs that make a simulator. */
import type { Command } from "commander";
import type { AuditFlags } from "../commands/simulator/audit.ts";
import type { BuildFlags } from "../commands/simulator/build.ts";
import type { CollectFlags } from "../commands/simulator/collect.ts";
import type { LabelFlags } from "../commands/simulator/label.ts";
import type { ProbeFlags } from "../commands/simulator/probe.ts";
import { numberFlag } from "../number-flag.ts";
import { addSft } from "./training.ts";

export function addSimulator(program: Command): void {
  const simulator = program
    .command("simulator")
    .description("from searches to a simulator that may be trained on; see docs/simulator-tuning.md");
  addSearches(simulator);
  addRecords(simulator);
  addSft(simulator);
  addAudit(simulator);
}

function addSearches(simulator: Command): void {
  simulator
    .command("collect")
    .description("let a policy answer questions with a real engine, and keep every search")
    .option(
      "--config <file>",
      "a JSON file; settings after it override it: --data.maxQuestions 500 --out searches.jsonl",
    )
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: CollectFlags, command: Command) => {
      const { runSimulatorCollect } = await import("../commands/simulator/collect.ts");
      await runSimulatorCollect(flags, command.args);
    });

  simulator
    .command("probe")
    .description("search what no policy has searched yet, but one that explores will")
    .option(
      "--config <file>",
      "a JSON file; settings after it override it: --searches searches.jsonl --search.engine serper --out probes.jsonl",
    )
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: ProbeFlags, command: Command) => {
      const { runSimulatorProbe } = await import("../commands/simulator/probe.ts");
      await runSimulatorProbe(flags, command.args);
    });
}

function addRecords(simulator: Command): void {
  simulator
    .command("label")
    .description("say of every page that was found whether it is useful or noisy")
    .option(
      "--config <file>",
      "a JSON file; settings after it override it: --searches searches.jsonl --judge.kind containment --out labelled.jsonl",
    )
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: LabelFlags, command: Command) => {
      const { runSimulatorLabel } = await import("../commands/simulator/label.ts");
      await runSimulatorLabel(flags, command.args);
    });

  simulator
    .command("build")
    .description("make records for fine-tuning, in the simulator's own prompts")
    .option(
      "--config <file>",
      "a JSON file; settings after it override it: --searches labelled.jsonl --prompt tuned --out records.jsonl",
    )
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: BuildFlags, command: Command) => {
      const { runSimulatorBuild } = await import("../commands/simulator/build.ts");
      await runSimulatorBuild(flags, command.args);
    });
}

function addAudit(simulator: Command): void {
  simulator
    .command("audit")
    .description("hold a simulator to thresholds before anyone trains on it; exits 1 where it falls short")
    .option(
      "--config <file>",
      "a JSON file; settings after it override it: --simulator.temperature 0.5 --thresholds.minUsefulHits 0.7 --out audit.md",
    )
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: AuditFlags, command: Command) => {
      const { runSimulatorAudit } = await import("../commands/simulator/audit.ts");
      await runSimulatorAudit(flags, command.args);
    });
}

import { Command, CommanderError } from "commander";
import { expect, test } from "vitest";
import { numberFlag } from "./number-flag.ts";

test("numbers are read, and what is none is refused with the flag's name", () => {
  let printed = "";
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: (text) => (printed += text) })
    .option("--seed <n>", "", numberFlag, 0);
  expect(command.parse(["--seed", "1e3"], { from: "user" }).opts()).toEqual({ seed: 1000 });
  for (const wrong of ["x", "", "1,5"]) {
    printed = "";
    expect(() => command.parse(["--seed", wrong], { from: "user" })).toThrow(CommanderError);
    expect(printed).toContain(`option '--seed <n>' argument '${wrong}' is invalid. It must be a number.`);
  }
});

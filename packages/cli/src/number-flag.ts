import { InvalidArgumentError } from "commander";

/** Reads a flag's value as a number; commander prints the refusal with the flag's name. */
export function numberFlag(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

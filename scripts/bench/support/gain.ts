/** What a run's own evaluations say that training changed. */

/** As much of a line of `evaluations.jsonl` as a gain needs. */
interface Evaluation {
  readonly step: number;
  readonly name: string;
  readonly temperature: number;
  /** Absent where every rollout failed. */
  readonly measures?: { readonly exactMatch: { readonly value: number } };
}

/** Exact match before the first step and after the last. */
export interface Gain {
  readonly before: number;
  readonly after: number;
}

/**
 * The gain by the evaluation of that name and temperature.
 *
 * @throws {RangeError} it was not made before the first step, or not again since
 */
export function gainOf(
  evaluations: readonly Evaluation[],
  { name, temperature }: Pick<Evaluation, "name" | "temperature">,
): Gain {
  const own = evaluations
    .filter((each) => each.name === name && each.temperature === temperature)
    .sort((a, b) => a.step - b.step);
  const [first, last] = [own[0], own.at(-1)];
  if (first?.step === 0 && first.measures && last !== first && last?.measures) {
    return { before: first.measures.exactMatch.value, after: last.measures.exactMatch.value };
  }
  const seen = own.map(({ step, measures }) => (measures ? `${step}` : `${step} (all failed)`)).join(", ");
  throw new RangeError(
    `a gain needs the evaluation "${name}" at temperature ${temperature} at step 0 and at a later one, got ` +
      `${seen === "" ? "none" : `steps ${seen}`}. Did the run end before its last step?`,
  );
}

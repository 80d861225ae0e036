/** Whether one of two systems answers the same questions better, and how sure that is. */
import { ConfigError } from "../core/errors.ts";
import { bootstrapMean, type Interval, mcNemarExact, pairedPermutationTest } from "../core/statistics.ts";
import { configDifference } from "../run/config-difference.ts";
import type { ComparedAnswer, ComparedResult } from "./read-compared.ts";

/** One measure of both. */
interface MeasureComparison {
  readonly first: number;
  readonly second: number;
  /** The second minus the first, with a bootstrap interval of 95 % over questions. */
  readonly difference: Interval;
  /** How often chance alone makes a difference as large, either way. */
  readonly pValue: number;
}

export interface PairedComparison {
  readonly questions: number;
  /** By McNemar's exact test. */
  readonly exactMatch: MeasureComparison & {
    /** Questions that only one of them got right. */
    readonly onlyFirst: number;
    readonly onlySecond: number;
  };
  /** By the paired permutation test. */
  readonly f1: MeasureComparison;
}

export interface ResultComparison extends PairedComparison {
  readonly bySource: Readonly<Record<string, PairedComparison>>;
  /** How the engines differ, setting by setting; null where one of them is not known. */
  readonly engineDifferences: readonly string[] | null;
}

interface Pair {
  readonly source: string;
  readonly first: ComparedAnswer;
  readonly second: ComparedAnswer;
}

/** Draws do not depend on what is compared. */
const SEED = 0;

/** @throws {ConfigError} they do not answer the same questions */
export function compareResults(first: ComparedResult, second: ComparedResult): ResultComparison {
  const pairs = pairsOf(first, second);
  const sources = [...new Set(pairs.map(({ source }) => source))];
  const areKnown = first.engine !== undefined && second.engine !== undefined;
  return {
    ...comparePairs(pairs),
    bySource: Object.fromEntries(
      sources.map((name) => [name, comparePairs(pairs.filter(({ source }) => source === name))]),
    ),
    engineDifferences: areKnown ? configDifference(first.engine, second.engine) : null,
  };
}

function pairsOf(a: ComparedResult, b: ComparedResult): Pair[] {
  const pairs = [...a.answers].flatMap(([id, first]): Pair[] => {
    const second = b.answers.get(id);
    const isSame = second !== undefined && second.answers.join("\n") === first.answers.join("\n");
    return isSame ? [{ source: first.source, first, second }] : [];
  });
  const [onlyFirst, onlySecond] = [a.answers.size - pairs.length, b.answers.size - pairs.length];
  if (onlyFirst === 0 && onlySecond === 0 && pairs.length > 0) return pairs;
  throw new ConfigError(
    `${a.path} and ${b.path} do not answer the same questions: ${pairs.length} match by id and golden answers, ` +
      `${onlyFirst} are only in the first and ${onlySecond} only in the second. ` +
      "Evaluate both with the same data, maxQuestions and seed.",
  );
}

function comparePairs(pairs: readonly Pair[]): PairedComparison {
  const countOf = (isCounted: (pair: Pair) => boolean): number => pairs.filter(isCounted).length;
  const onlyFirst = countOf(({ first, second }) => first.exactMatch > second.exactMatch);
  const onlySecond = countOf(({ first, second }) => second.exactMatch > first.exactMatch);
  const scores = (of: "exactMatch" | "f1") =>
    [pairs.map(({ first }) => first[of]), pairs.map(({ second }) => second[of])] as const;
  return {
    questions: pairs.length,
    exactMatch: {
      ...meansOf(...scores("exactMatch")),
      pValue: mcNemarExact(onlyFirst, onlySecond),
      onlyFirst,
      onlySecond,
    },
    f1: { ...meansOf(...scores("f1")), pValue: pairedPermutationTest(...scores("f1"), { seed: SEED }).pValue },
  };
}

function meansOf(first: readonly number[], second: readonly number[]): Omit<MeasureComparison, "pValue"> {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const differences = second.map((value, i) => value - (first[i] ?? 0));
  return { first: mean(first), second: mean(second), difference: bootstrapMean(differences, { seed: SEED }) };
}

#!/usr/bin/env python3
"""Writes what SQuAD-style scoring in Python says of predictions for test/fixtures/questions. Development only.

    python3 scripts/make-golden-rewards.py    -> test/golden/rewards.json

Standard library only. Scores are defined by docs and papers, written here a second time: normalisation and F1 by SQuAD
(Rajpurkar et al. 2016), coverage by plain containment; a golden answer that normalises to nothing matches nothing.
"""
import collections
import csv
import fractions
import json
import platform
import random
import re
import string
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "test/fixtures/questions"
TARGET = ROOT / "test/golden/rewards.json"

NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize(text):
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(NO_PUNCTUATION)).split())


def f1(prediction, gold):
    predicted, wanted = normalize(prediction).split(), normalize(gold).split()
    common = sum((collections.Counter(predicted) & collections.Counter(wanted)).values())
    if common == 0:
        return 0.0
    precision, recall = fractions.Fraction(common, len(predicted)), fractions.Fraction(common, len(wanted))
    return float(2 * precision * recall / (precision + recall))


def score(prediction, answers):
    golds = [gold for gold in map(normalize, answers) if gold]
    return {
        "exactMatch": int(normalize(prediction) in golds),
        "coverExactMatch": int(any(gold in normalize(prediction) for gold in golds)),
        "f1": max(f1(prediction, answer) for answer in answers),
    }


def answers_of_fixtures():
    for line in (FIXTURES / "nq-open.jsonl").read_text("utf8").splitlines():
        yield json.loads(line)["answer"]
    for row in json.loads((FIXTURES / "hotpotqa.json").read_text("utf8")):
        yield [row["answer"]]
    with open(FIXTURES / "bamboogle.csv", encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            yield [row["Answer"]]


def predictions(rng, answers, others):
    """As they are, dressed up, in a sentence, in part, twice, and those of other questions."""
    gold = rng.choice(answers)
    words = gold.split()
    made = [
        gold,
        f" The {gold.upper()}!",
        f"I think it is “{gold}”, an old one; not {rng.choice(others)[0]}.",
        " ".join(words[: (len(words) + 1) // 2]),
        f"{gold} {gold}",
        gold.replace("-", " ").replace(",", ""),
        rng.choice(others)[0],
    ]
    return rng.sample(made, 3)


rng = random.Random(0)
rows = list(answers_of_fixtures())
cases = [
    {"prediction": prediction, "answers": answers, **score(prediction, answers)}
    for answers in rows
    for prediction in predictions(rng, answers, rows)
]
body = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
TARGET.write_text(f'{{"python": "{platform.python_version()}", "cases": [\n{body}\n]}}\n', "utf8")
print(f"wrote {len(cases)} cases to {TARGET}")

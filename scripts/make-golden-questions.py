#!/usr/bin/env python3
"""Writes a question file in ZeroSearch's form, and reads one that TypeScript wrote. Development only.

    python3 scripts/make-golden-questions.py                 -> test/fixtures/questions/zerosearch.parquet
    python3 scripts/make-golden-questions.py check FILE...   prints schema and rows of what TypeScript wrote

Needs pyarrow; its version is in the file.
"""
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parent.parent / "test/fixtures/questions/zerosearch.parquet"

SCHEMA = pa.schema([
    ("id", pa.string()),
    ("question", pa.string()),
    ("golden_answers", pa.list_(pa.string())),
    ("metadata", pa.struct([("type", pa.string()), ("level", pa.int64())])),
    ("data_source", pa.string()),
    ("prompt", pa.list_(pa.struct([("content", pa.string()), ("role", pa.string())]))),
    ("ability", pa.string()),
    ("reward_model", pa.struct([("ground_truth", pa.struct([("target", pa.list_(pa.string()))])), ("style", pa.string())])),
    ("extra_info", pa.struct([("index", pa.int64()), ("split", pa.string())])),
])


def row(source, index, question, answers, metadata=None):
    return {
        "id": f"train_{index}",
        "question": question,
        "golden_answers": answers,
        "metadata": metadata,
        "data_source": source,
        "prompt": [{"role": "user", "content": f"Question: {question}?\n"}],
        "ability": "fact-reasoning",
        "reward_model": {"style": "rule", "ground_truth": {"target": answers}},
        "extra_info": {"split": "train", "index": index},
    }


ROWS = [
    row("nq", 0, "who wrote it", ["Ann", "Ann Lee"]),
    row("hotpotqa", 0, "¿dónde está la señora?", ["中文"], {"type": "bridge", "level": 2**53 - 1}),
    row("nq", 1, "when", ["1999"]),
]

if sys.argv[1:2] == ["check"]:
    for path in sys.argv[2:]:
        table = pq.read_table(path)
        print(table.schema)
        for entry in table.to_pylist():
            print(entry)
else:
    # Two groups of rows and zstd, as the published files have many and may have.
    pq.write_table(pa.Table.from_pylist(ROWS, schema=SCHEMA), TARGET, row_group_size=2, compression="zstd")
    print(f"wrote {TARGET}")

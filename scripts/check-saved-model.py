#!/usr/bin/env python3
"""Does a folder saved by ZeroSearch mean the same to Hugging Face transformers? Development only.

    python3 scripts/check-saved-model.py FOLDER EXPECTED.json

EXPECTED.json holds what TypeScript computed with the model it saved:
    {"sequences": [[id, …], …],        each run alone
     "logits": [[[number, …], …], …],  per sequence [T][V]
     "tolerance": 0.0001,              largest absolute difference; may be left out
     "texts": [{"text": "…", "ids": [id, …]}, …]}   without special tokens added; may be left out
Prints the largest difference and ends with 0 if all is the same, with 1 if not.
"""
import argparse
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers


def compare_logits(folder, expected):
    model, report = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype="auto", attn_implementation="eager", output_loading_info=True)
    model.eval()
    problems = [f"{kind}: {sorted(names)}" for kind, names in report.items() if names]
    worst, count = 0.0, 0
    for ids, values in zip(expected["sequences"], expected["logits"], strict=True):
        with torch.no_grad():
            theirs = model(torch.tensor([ids]), use_cache=False).logits[0].float()
        ours = torch.tensor(values, dtype=torch.float32)
        if ours.shape != theirs.shape:
            problems.append(f"logits of a sequence of {len(ids)}: saved {list(ours.shape)}, transformers {list(theirs.shape)}")
            continue
        difference = (ours - theirs).abs()
        count += difference.numel()
        worst = max(worst, difference.nan_to_num(torch.inf).max().item())
    tolerance = expected.get("tolerance", 1e-4)
    if not count or worst > tolerance:
        problems.append(f"logits differ by {worst:.2e}, allowed is {tolerance:.0e}, in {count} values")
    print(f"{type(model).__name__} in {model.dtype}: {count} logits, largest difference {worst:.2e}")
    return problems


def compare_texts(folder, texts):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    problems = []
    for one in texts:
        ids = tokenizer.encode(one["text"], add_special_tokens=False)
        if ids != one["ids"]:
            problems.append(f"ids of {one['text']!r}: saved {one['ids']}, transformers {ids}")
    print(f"{type(tokenizer).__name__} of {len(tokenizer)} tokens: {len(texts) - len(problems)} of {len(texts)} texts the same")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("expected", type=Path, metavar="EXPECTED.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    expected = json.loads(options.expected.read_text())
    problems = compare_logits(options.folder, expected)
    has_tokenizer = any((options.folder / name).exists() for name in ("tokenizer.json", "tokenizer_config.json"))
    if has_tokenizer:
        problems += compare_texts(options.folder, expected.get("texts", []))
    elif expected.get("texts"):
        problems.append("texts are given, but the folder has no tokenizer.json")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

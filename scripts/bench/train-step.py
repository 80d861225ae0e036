"""The Python side of train-step: reads `step FILE` lines, answers seconds of forward, backward and AdamW.

Started with: MODEL_FOLDER THREADS. FILE is {"sequences": [[id, …], …], "prompt_lengths": [number, …]}. The batch is run
as transformers' users run it: padded on the right, masked, the loss averaged over all tokens that follow a prompt.
Reading the file and padding are not timed.
"""
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers

IGNORED = -100

folder, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.logging.disable_progress_bar()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).train()


def make_optimizer(parameters):
    options = {"lr": 1e-6, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
    try:
        return torch.optim.AdamW(parameters, fused=True, **options)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(parameters, **options)


optimizer = make_optimizer(list(model.parameters()))
print(f"transformers {transformers.__version__}, torch {torch.__version__}, {torch.get_num_threads()} threads, "
      f"{model.config._attn_implementation} attention, {'fused' if optimizer.defaults.get('fused') else 'plain'} AdamW, "
      f"{sum(one.numel() for one in model.parameters())} parameters", file=sys.stderr)


def read_batch(path: str) -> dict:
    with open(path) as file:
        given = json.load(file)
    rows = [torch.tensor(ids) for ids in given["sequences"]]
    targets = [ids.clone() for ids in rows]
    for labels, prompt_length in zip(targets, given["prompt_lengths"], strict=True):
        labels[:prompt_length] = IGNORED

    def pad(many, value):
        return torch.nn.utils.rnn.pad_sequence(many, batch_first=True, padding_value=value)

    return {"input_ids": pad(rows, 0), "labels": pad(targets, IGNORED),
            "attention_mask": pad([torch.ones_like(ids) for ids in rows], 0)}


def measure(path: str) -> float:
    batch = read_batch(path)
    start = time.perf_counter()
    loss = model(**batch, use_cache=False).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    seconds = time.perf_counter() - start
    if not loss.isfinite():
        raise SystemExit(f"the loss of {path} is {loss.item()}: does every label lie in a prompt?")
    return seconds


for line in sys.stdin:
    command, _, argument = line.strip().partition(" ")
    if command != "step" or not argument:
        raise SystemExit(f"no command {line.strip()!r}; there is: step FILE")
    print(measure(argument), flush=True)

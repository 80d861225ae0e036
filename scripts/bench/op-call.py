"""The Python side of op-call: reads `CASE COUNT` lines, answers nanoseconds per call."""
import sys
import time

import torch

torch.set_num_threads(1)
x = torch.full((4, 4), 1.5)
y = torch.full((4, 4), 0.5)
w = torch.full((4, 4), 1.5, requires_grad=True)


def measure(case: str, count: int) -> float:
    operator, _, mode = case.partition("-")
    a = w if mode == "grad" else x
    calls = range(count)
    start = time.perf_counter_ns()
    if operator == "add":
        for _ in calls:
            a.add(y)
    elif operator == "mul":
        for _ in calls:
            a.mul(y)
    elif operator == "view":
        for _ in calls:
            a.view(2, 8)
    elif operator == "chain":
        chained = a
        for _ in calls:
            chained = chained.add(y)
    else:
        raise SystemExit(f"no case {case}")
    return (time.perf_counter_ns() - start) / count


for line in sys.stdin:
    name, number = line.split()
    print(measure(name, int(number)), flush=True)

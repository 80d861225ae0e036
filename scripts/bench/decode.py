"""The Python side of decode: reads `generate BATCH PROMPT_LENGTH NEW_TOKENS` lines, answers seconds.

Started with: MODEL_FOLDER THREADS DTYPE (float32, bfloat16 or float16).
"""
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers

folder, threads, dtype = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.logging.disable_progress_bar()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
model.generation_config.eos_token_id = None  # nothing ends early, and no processor has to forbid it
print(f"transformers {transformers.__version__}, torch {torch.__version__}, {torch.get_num_threads()} threads, "
      f"{model.config._attn_implementation} attention, {model.dtype}", file=sys.stderr)


def measure(batch: int, prompt_length: int, new_tokens: int) -> float:
    seeded = torch.Generator().manual_seed(batch)
    prompts = torch.randint(model.config.vocab_size, (batch, prompt_length), generator=seeded)
    start = time.perf_counter()
    with torch.no_grad():
        ids = model.generate(prompts, attention_mask=torch.ones_like(prompts), do_sample=True, temperature=1.0, top_k=0,
                             top_p=1.0, min_new_tokens=new_tokens, max_new_tokens=new_tokens, use_cache=True, pad_token_id=0)
    seconds = time.perf_counter() - start
    if ids.shape != (batch, prompt_length + new_tokens):
        raise SystemExit(f"generate gave {list(ids.shape)}, expected [{batch}, {prompt_length + new_tokens}]")
    return seconds


for line in sys.stdin:
    command, *numbers = line.split()
    if command != "generate" or len(numbers) != 3:
        raise SystemExit(f"no command {line.strip()!r}; there is: generate BATCH PROMPT_LENGTH NEW_TOKENS")
    print(measure(*map(int, numbers)), flush=True)

#!/usr/bin/env python3
"""Writes small random language models and what Hugging Face transformers computes with them. Development only.

    python3 scripts/make-golden-models.py [NAME…]           makes test/golden/models/NAME/ (all, if none is named)
    python3 scripts/make-golden-models.py --check [NAME…]   loads each again and compares with its expected.safetensors

A folder is what `save_pretrained` writes, and expected.safetensors beside it (see test/golden/models/README.md). Each
model is seeded by its name, so a new one changes no other. Seeds are tried until no greedy choice is a near-tie and no
continuation a short loop.
"""
import argparse
import copy
import hashlib
import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "test/golden/models"
NEW_TOKENS = 24
ATTEMPTS = 500
LIMIT_BYTES = 3_000_000

# The keys of config.json in published checkpoints: Qwen2.5-0.5B, Qwen3-0.6B, Llama-3.2-1B and Meta-Llama-3-8B.
SHARED_KEYS = ("architectures attention_dropout bos_token_id eos_token_id hidden_act hidden_size initializer_range "
               "intermediate_size max_position_embeddings model_type num_attention_heads num_hidden_layers "
               "num_key_value_heads rms_norm_eps tie_word_embeddings transformers_version use_cache vocab_size").split()
PUBLISHED_KEYS = {
    "qwen2": [*SHARED_KEYS, "max_window_layers", "sliding_window", "use_sliding_window"],
    "qwen3": [*SHARED_KEYS, "attention_bias", "head_dim", "max_window_layers", "sliding_window", "use_sliding_window"],
    "llama": [*SHARED_KEYS, "attention_bias", "pretraining_tp"],
}
LLAMA3_SCALING = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                  "original_max_position_embeddings": 32}


@dataclass(frozen=True)
class Golden:
    """One folder. `published`: config.json in the older style of published checkpoints, else as transformers 5 writes it."""

    name: str
    family: str
    published: bool
    config: dict
    rope: dict = field(default_factory=lambda: {"rope_theta": 10000.0})
    lengths: tuple = (7, 1, 19, 12)
    prompts: tuple = (1, 6, 13)
    dtype: torch.dtype = torch.float32
    logit_deviation: float = 2.0
    margin: float = 0.01  # the smallest distance between the two best logits of a greedy step
    distinct: int = 8  # of the ids generated from each prompt
    shard: str = "5GB"

    @property
    def folder(self):
        return MODELS / self.name

    def make_config(self):
        rope = {"rope_type": "default", **self.rope}
        sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "vocab_size": 160,
                 "num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 256,
                 "bos_token_id": 150, "eos_token_id": 151, "tie_word_embeddings": False}
        classes = {"qwen2": transformers.Qwen2Config, "qwen3": transformers.Qwen3Config, "llama": transformers.LlamaConfig}
        return classes[self.family](**{**sizes, **self.config}, rope_parameters=rope, dtype=self.dtype)


# Head sizes and bases of the llama3 cases put frequencies below, inside and above the band that is interpolated.
LONG = {"lengths": (45, 2, 20), "prompts": (2, 27, 36)}
SCALED = {**LONG, "rope": {"rope_theta": 10000.0, **LLAMA3_SCALING}}
GOLDENS = [
    Golden("qwen2-tied", "qwen2", False, {"tie_word_embeddings": True}, {"rope_theta": 1000000.0}),
    Golden("qwen2-untied", "qwen2", True, {"rms_norm_eps": 1e-5, "vocab_size": 176}),
    Golden("qwen2-grouped", "qwen2", True, {"hidden_size": 40, "num_key_value_heads": 2, "tie_word_embeddings": True},
           {"rope_theta": 1000000.0}),
    Golden("qwen3-tied", "qwen3", False, {"head_dim": 16, "num_key_value_heads": 2, "tie_word_embeddings": True},
           {"rope_theta": 1000000.0}),
    Golden("qwen3-untied", "qwen3", True, {"hidden_size": 36, "head_dim": 12, "num_attention_heads": 2,
                                           "num_key_value_heads": 1, "vocab_size": 168}),
    Golden("llama", "llama", True, {"eos_token_id": [151, 152], "rms_norm_eps": 1e-5}, {"rope_theta": 500000.0}),
    Golden("llama3-tied", "llama", False, {"head_dim": 16, "num_key_value_heads": 2, "tie_word_embeddings": True}, **SCALED),
    Golden("llama3-grouped", "llama", True, {"head_dim": 12, "num_key_value_heads": 1, "intermediate_size": 40}, **SCALED),
    Golden("llama-bias", "llama", False, {"attention_bias": True, "mlp_bias": True, "num_key_value_heads": 2}),
    Golden("llama-sharded", "llama", True, {"num_key_value_heads": 2, "intermediate_size": 40}, shard="30KB"),
    Golden("qwen2-bfloat16", "qwen2", True, {"num_key_value_heads": 2}, {"rope_theta": 1000000.0}, dtype=torch.bfloat16,
           logit_deviation=3.0, margin=0.06, distinct=5),
]


# -------------------------------------------------------------------------------------------------------- the model
def seeded(text):
    return torch.Generator().manual_seed(int(hashlib.sha256(text.encode()).hexdigest()[:15], 16))


def make_model(golden, attempt):
    """Random weights under which no layer is negligible: norms and biases are random too, logits deviate as asked."""
    model = transformers.AutoModelForCausalLM.from_config(golden.make_config(), attn_implementation="eager")
    model = model.to(torch.float32).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            random = torch.randn(parameter.shape, generator=seeded(f"{attempt} {golden.name} {name}"))
            if name.endswith("norm.weight"):
                parameter.copy_(1 + 0.25 * random)
            elif name.endswith(".bias"):
                parameter.copy_(0.3 * random)
            elif "embed_tokens" in name:
                parameter.copy_(0.35 * random)
            else:
                parameter.copy_(random * (2.0 if "q_proj" in name else 1.2) / parameter.shape[1] ** 0.5)
        tokens = torch.cat(sequences_of(golden, attempt))[None]
        head = model.get_output_embeddings().weight  # the embeddings themselves where they are tied
        for _ in range(3):
            head.mul_(golden.logit_deviation / model(tokens).logits.std())
    for parameter in model.parameters():
        parameter.data = parameter.data.to(golden.dtype)  # model.to() would round the rotary frequencies too
    return model


def load_model(golden):
    return transformers.AutoModelForCausalLM.from_pretrained(golden.folder, dtype="auto", attn_implementation="eager").eval()


def sequences_of(golden, attempt):
    random = seeded(f"{attempt} {golden.name} tokens")
    vocabulary = golden.make_config().vocab_size
    return [torch.randint(vocabulary, (length,), generator=random) for length in golden.lengths]


def prompts_of(golden, attempt):
    random = seeded(f"{attempt} {golden.name} prompts")
    vocabulary = golden.make_config().vocab_size
    return [torch.randint(vocabulary, (length,), generator=random) for length in golden.prompts]


# ------------------------------------------------------------------------------------------------- what is expected
def compute(model, sequences, prompts):
    """The tensors of expected.safetensors. Every sequence runs alone, so nothing depends on padding."""
    model.zero_grad(set_to_none=True)
    logits = [model(tokens[None], use_cache=False).logits[0] for tokens in sequences]
    pairs = [(one[:-1].float().log_softmax(-1), tokens[1:, None]) for one, tokens in zip(logits, sequences)]
    logprobs = torch.cat([one.gather(1, following)[:, 0] for one, following in pairs])
    loss = -logprobs.mean()
    loss.backward()
    expected = {
        "tokens": torch.cat(sequences),
        "lengths": torch.tensor([len(one) for one in sequences]),
        "logits": torch.cat(logits).detach(),
        "logprobs": logprobs.detach(),
        "loss": loss.detach(),
    }
    expected |= {f"grad.{name}": parameter.grad for name, parameter in model.named_parameters()}
    expected |= {f"greedy.{i}": generate(model, prompt) for i, prompt in enumerate(prompts)}
    if model.dtype is not torch.float32:
        exact = copy.deepcopy(model).float()
        with torch.no_grad():
            expected["logits.float32"] = torch.cat([exact(tokens[None], use_cache=False).logits[0] for tokens in sequences])
    return expected


def generate(model, prompt):
    """Greedy, with a KV cache, past any end-of-sequence id."""
    model.generation_config.eos_token_id = None
    ids = model.generate(prompt[None], attention_mask=torch.ones_like(prompt)[None], do_sample=False, use_cache=True,
                         max_new_tokens=NEW_TOKENS, pad_token_id=0)[0]
    if len(ids) != len(prompt) + NEW_TOKENS:
        raise SystemExit(f"generate stopped early: {len(ids)} ids from a prompt of {len(prompt)}")
    return ids


def greedy_margin(model, ids):
    """How far the chosen ids lead in a full pass: negative if it would have chosen another than the cached pass."""
    with torch.no_grad():
        logits = model(ids[None], use_cache=False).logits[0, -NEW_TOKENS - 1:-1].float()
    chosen = logits.gather(1, ids[-NEW_TOKENS:, None])
    others = logits.scatter(1, ids[-NEW_TOKENS:, None], -torch.inf).amax(1, keepdim=True)
    return (chosen - others).min().item()


# ------------------------------------------------------------------------------------------------------------ files
def write_published_config(golden):
    """config.json as Qwen2.5, Qwen3 and Llama 3 checkpoints have it: rope_theta, rope_scaling, torch_dtype."""
    path = golden.folder / "config.json"
    written = json.loads(path.read_text())
    rope = dict(written["rope_parameters"])
    keys = list(PUBLISHED_KEYS[golden.family])
    if golden.family == "llama" and "head_dim" in golden.config:
        keys += ["head_dim", "mlp_bias"]  # Llama 3.2 has them, Llama 3 has not
    config = {key: written[key] for key in keys if key in written}
    config |= {"rope_theta": rope.pop("rope_theta"), "torch_dtype": written["dtype"]}
    if golden.family == "qwen2":
        config["sliding_window"] = 8  # as in Qwen2.5 there is one, and use_sliding_window is false
    else:
        config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    path.write_text(json.dumps(dict(sorted(config.items())), indent=2) + "\n")


def make(golden):
    for attempt in range(ATTEMPTS):
        model = make_model(golden, attempt)
        greedy = [generate(model, prompt) for prompt in prompts_of(golden, attempt)]
        models = [model] if golden.dtype is torch.float32 else [model, copy.deepcopy(model).float()]
        margin = min(greedy_margin(one, ids) for one in models for ids in greedy)
        distinct = min(len(set(ids[-NEW_TOKENS:].tolist())) for ids in greedy)
        if margin >= golden.margin and distinct >= golden.distinct:
            break
    else:
        raise SystemExit(f"{golden.name}: {ATTEMPTS} seeds gave no greedy margin of {golden.margin}")
    shutil.rmtree(golden.folder, ignore_errors=True)
    model.generation_config.eos_token_id = golden.make_config().eos_token_id
    model.save_pretrained(golden.folder, max_shard_size=golden.shard)
    if golden.published:
        write_published_config(golden)
    expected = compute(load_model(golden), sequences_of(golden, attempt), prompts_of(golden, attempt))
    save_file({name: one.contiguous() for name, one in expected.items()}, golden.folder / "expected.safetensors", {
        "made_by": "scripts/make-golden-models.py",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
        "attempt": str(attempt),
        "greedy_margin": f"{margin:.4f}",
    })
    print(f"{golden.name}: {size_of(golden.folder) / 1000:.0f} kB, logits deviate {expected['logits'].float().std():.2f}, "
          f"loss {expected['loss']:.3f}, greedy margin {margin:.3f} (attempt {attempt}), {distinct} or more distinct ids")


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def check(golden):
    """Loads the folder as a user would, and says how far it is from what was written down."""
    model = load_model(golden)
    expected = load_file(golden.folder / "expected.safetensors")
    sequences = list(expected["tokens"].split(expected["lengths"].tolist()))
    prompts = [expected[f"greedy.{i}"][:-NEW_TOKENS] for i in range(len(golden.prompts))]
    got = compute(model, sequences, prompts)
    wrong = sorted(expected.keys() ^ got.keys())
    worst = 0.0
    for name in expected.keys() & got.keys():
        ours, theirs = got[name], expected[name]
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
            wrong.append(name)
        elif ours.is_floating_point():
            worst = max(worst, ((ours - theirs).abs().max() / theirs.abs().max()).item())
        elif not torch.equal(ours, theirs):
            wrong.append(name)
    with safe_open(golden.folder / "expected.safetensors", "pt") as file:
        versions = file.metadata()
    tolerance = 1e-5 if golden.dtype is torch.float32 else 2e-2  # another CPU may add in another order
    good = not wrong and worst <= tolerance and model.dtype is golden.dtype
    print(f"{golden.name}: {len(expected)} tensors by torch {versions['torch']}, transformers {versions['transformers']}; "
          f"largest relative difference {worst:.1e}: {'same' if good else 'DIFFERS ' + ', '.join(wrong)}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.name for one in GOLDENS))
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    unknown = set(options.names) - {one.name for one in GOLDENS}
    if unknown:
        parser.error(f"no model is named {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in GOLDENS)}")
    chosen = [one for one in GOLDENS if not options.names or one.name in options.names]
    if options.check:
        sys.exit(0 if all([check(one) for one in chosen]) else 1)
    for one in chosen:
        make(one)
    total = size_of(MODELS)
    print(f"{MODELS.relative_to(ROOT)}: {total / 1e6:.2f} MB")
    if total > LIMIT_BYTES:
        sys.exit(f"the folders must stay below {LIMIT_BYTES / 1e6} MB: shorten sequences or shrink a model")


if __name__ == "__main__":
    main()

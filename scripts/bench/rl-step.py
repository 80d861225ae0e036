"""The TRL side of rl-step: takes one step of GRPO for every `step` line it reads, answers its seconds.

Started with: MODEL_FOLDER THREADS PROMPTS GENERATIONS COMPLETION_TOKENS. PROMPTS is a file, [[id, …], …]; every step
learns from all of them. GRPOTrainer does everything, callbacks only hold it before each step and time it: from there
to the end of the optimizer's step, its data loader not included.
"""
import json
import os
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import datasets
import tokenizers
import torch
import transformers
import trl

folder, threads, prompts_file, generations, completion_tokens = sys.argv[1:]
torch.set_num_threads(int(threads))
for library in (transformers, datasets):
    library.utils.logging.disable_progress_bar()
with open(prompts_file) as file:
    prompts = json.load(file)
vocabulary_size = transformers.AutoConfig.from_pretrained(folder).vocab_size


def make_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """Word `w7` is token 7. The end of text is no token of the model's: no completion ends early, and none has to be
    kept from it."""
    words = {f"w{number}": number for number in range(vocabulary_size)} | {"<end>": vocabulary_size}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<end>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="w0")


def even_share(completion_ids: list[list[int]], **_) -> list[float]:
    for ids in completion_ids:
        if len(ids) != int(completion_tokens):
            raise SystemExit(f"a completion has {len(ids)} tokens, expected {completion_tokens}")
    return [sum(number % 2 == 0 for number in ids) / len(ids) for ids in completion_ids]


class Gate(transformers.TrainerCallback):
    def on_step_begin(self, args, state, control, **_):
        command = sys.stdin.readline().strip()
        if command == "":
            os._exit(0)  # nobody asks any more
        if command != "step":
            raise SystemExit(f"no command {command!r}; there is: step")
        self.start = time.perf_counter()

    def on_step_end(self, args, state, control, **_):
        print(time.perf_counter() - self.start, flush=True)


arguments = trl.GRPOConfig(
    output_dir=tempfile.mkdtemp(),
    use_cpu=True,
    bf16=False,
    activation_checkpointing=False,
    per_device_train_batch_size=len(prompts) * int(generations),
    num_generations=int(generations),
    max_completion_length=int(completion_tokens),
    shuffle_dataset=False,
    max_steps=1_000_000,
    temperature=1.0,
    top_p=1.0,
    top_k=0,
    beta=0.001,
    loss_type="dapo",
    epsilon=0.2,
    learning_rate=1e-6,
    lr_scheduler_type="constant",
    adam_beta1=0.9,
    adam_beta2=0.999,
    adam_epsilon=1e-8,
    weight_decay=0.01,
    max_grad_norm=1.0,
    logging_strategy="no",
    save_strategy="no",
    report_to="none",
    disable_tqdm=True,
)
trainer = trl.GRPOTrainer(
    model=transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
    reward_funcs=even_share,
    args=arguments,
    train_dataset=datasets.Dataset.from_dict(
        {"prompt": [" ".join(f"w{number}" for number in prompt) for prompt in prompts]}
    ),
    processing_class=make_tokenizer(),
    callbacks=[Gate()],
)
print(
    f"trl {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}, "
    f"{torch.get_num_threads()} threads, {trainer.model.config._attn_implementation} attention, {trainer.model.dtype}, "
    f"{sum(one.numel() for one in trainer.model.parameters())} parameters",
    file=sys.stderr,
)
trainer.train()

"""Writes a Qwen2 checkpoint as GGUF in float32, the form llama.cpp reads: CHECKPOINT_FOLDER FILE.

Its tokens are numbers for names: benchmarks need no text.
"""
import json
import sys

import gguf
import numpy
from safetensors.numpy import load_file

folder, file = sys.argv[1:]
with open(f"{folder}/config.json", encoding="utf8") as stream:
    config = json.load(stream)

writer = gguf.GGUFWriter(file, "qwen2")
writer.add_block_count(config["num_hidden_layers"])
writer.add_context_length(config["max_position_embeddings"])
writer.add_embedding_length(config["hidden_size"])
writer.add_feed_forward_length(config["intermediate_size"])
writer.add_head_count(config["num_attention_heads"])
writer.add_head_count_kv(config["num_key_value_heads"])
writer.add_rope_freq_base(config["rope_theta"])
writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("qwen2")
size = config["vocab_size"]
writer.add_token_list([f"t{i}" for i in range(size)])
writer.add_token_types([gguf.TokenType.NORMAL] * size)
writer.add_token_merges(["t 0"])

OUTSIDE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
INSIDE = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
for name, values in load_file(f"{folder}/model.safetensors").items():
    module, kind = name.rsplit(".", 1)
    if module in OUTSIDE:
        renamed = OUTSIDE[module]
    else:
        _, _, layer, inside = module.split(".", 3)
        renamed = f"blk.{layer}.{INSIDE[inside]}"
    writer.add_tensor(f"{renamed}.{kind}", values.astype(numpy.float32))

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

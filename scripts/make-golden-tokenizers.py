#!/usr/bin/env python3
"""Writes small tokenizers and what Python makes of them. Development only.

    python3 scripts/make-golden-tokenizers.py tokenizers    -> test/golden/tokenizers/
    python3 scripts/make-golden-tokenizers.py safetensors   -> test/golden/safetensors/
    python3 scripts/make-golden-tokenizers.py check-safetensors FILE...   reads files that TypeScript wrote
    python3 scripts/make-golden-tokenizers.py check-training FOLDER       compares a trained tokenizer with Rust's trainer

Needs tokenizers, transformers, torch, safetensors; their versions go into the files. The tokenizers have the layout of
Qwen2.5's, Llama 3's and Llama 2's (byte fallback), with vocabularies trained on the sentences below.
"""
import argparse
import hashlib
import json
import random
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test/golden/tokenizers"

QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
              r"|\s+(?!\S)|\s+")
LLAMA3_SPLIT = QWEN_SPLIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

QWEN_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
                "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>",
                "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
QWEN_ADDED = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
              "<|repo_name|>", "<|file_sep|>"]
LLAMA3_SPECIAL = (["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
                   "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>",
                   "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"]
                  + [f"<|reserved_special_token_{i}|>" for i in range(3, 12)])

# Composed for this file.
SENTENCES = [
    "The search engine returned five documents, and the third one held the answer.",
    "Who wrote the first dictionary of the language, and when was it printed?",
    "A model that asks good questions needs fewer of them; it's cheaper, and it'll be faster.",
    "In 1969 two people walked on the moon; in 1972 the last ones left. That's 3 years.",
    "<think>I don't know the capital, so I should search for it.</think>",
    "<search>capital of the oldest republic</search>\n<information>Doc 1: ...</information>\n<answer>San Marino</answer>",
    "def reward(answer, truth):\n    return 1.0 if answer == truth else 0.0\n",
    "    indented by four spaces\n\tand by a tab\r\nwith a Windows line end\r\n",
    "Straße, façade, naïve, coöperate, Ærøskøbing, Łódź, žluťoučký kůň",
    "Быстрая река течёт мимо старого города к холодному морю.",
    "Η γρήγορη αλεπού πηδάει πάνω από τον σκύλο.",
    "المكتبة القديمة تقع قرب النهر الكبير.",
    "הספרייה הישנה נמצאת ליד הנהר הגדול.",
    "古い図書館は大きな川のそばにあります。答えはどこですか?",
    "老图书馆在大河旁边。问题的答案是什么?我们去搜索一下。",
    "오래된 도서관은 큰 강 옆에 있습니다.",
    "पुराना पुस्तकालय बड़ी नदी के पास है।",
    "ห้องสมุดเก่าอยู่ใกล้แม่น้ำใหญ่",
    "😀 😁 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 ❤️ ✅ 🚀",
    "x = (a + b) * c / d - e ** 2 != 0 && !done || flags & 0xFF",
    '{"name": "search", "arguments": {"query": "river", "limit": 5}}',
    "https://example.org/path/to/page?query=river&limit=10#top",
    "WE'LL SEE WHAT THEY'VE DONE; I'M SURE HE'D AGREE, SHE'S RIGHT, YOU'RE NOT, DON'T.",
]


# ---------------------------------------------------------------------------------------------------- tokenizers
def byte_level(split, vocabulary, normalizer, special, added, ignore_merges, bos=None):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    tok = Tokenizer(models.BPE())
    if normalizer:
        tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(split), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
    ])
    tok.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator(SENTENCES * 2, trainer)
    state = json.loads(tok.to_str())
    state["model"]["ignore_merges"] = ignore_merges
    if ignore_merges:  # words that no merge reaches: only a look-up of whole pieces finds them
        for word in ["Ġcurriculum", "ĠðŁļĢðŁļĢ", "9"]:
            state["model"]["vocab"].setdefault(word, len(state["model"]["vocab"]))
    tok = Tokenizer.from_str(json.dumps(state))
    tok.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    if added:
        tok.add_tokens([AddedToken(t, special=False, normalized=False) for t in added])
    if bos:
        template = processors.TemplateProcessing(single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1",
                                                 special_tokens=[(bos, tok.token_to_id(bos))])
        tok.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), template])
    else:
        tok.post_processor = processors.ByteLevel(trim_offsets=False)
    return tok


def byte_fallback():
    """Llama 2's layout: spaces become U+2581, characters outside the vocabulary become byte pieces."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, trainers

    tok = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tok.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tok.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                     decoders.Strip(content=" ", left=1, right=0)])
    special = ["<unk>", "<s>", "</s>"]
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=620, show_progress=False, special_tokens=special + bytes_, max_token_length=12,
                                  limit_alphabet=90)
    tok.train_from_iterator([w for s in SENTENCES for w in s.split(" ")], trainer)
    state = json.loads(tok.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] in special]
    return Tokenizer.from_str(json.dumps(state))


FRAGMENTS = [
    "a", "Z", "hello", " world", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\r\n", "\r", "\r\n\r\n", " \n", "\n ", "\u00a0",
    "\u3000", "\u200b", "\u200d", "\ufeff", "\u2028", "\u0085", "\u000b", "\u000c", "\u0000", "\u0007", "1", "42", "1234567890",
    "٣٤٥", "½", "Ⅷ", "²", "é", "e\u0301", "\u0301", "a\u0323\u0307", "a\u0307\u0323", "ﬁ", "ſ", "'s", "'S", "'ſ", "'T",
    "'re", "'RE", "'Ll", "'d", "'", "''", "’s", "\"", "<", ">", "|", "<|", "|>", "<|im_end|>", "<|im_start|>", "<|eot_id|>",
    "<|endoftext|>", "<|begin_of_text|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<s>", "</s>", "<unk>", "<0x41>",
    "<|im_end", "|im_end|>", "<|IM_END|>", "< |im_end|>", "<|im_end |>", "<|im_<|im_end|>end|>", "😀", "👩‍👩‍👧‍👦", "🏳️‍🌈",
    "👍🏽", "🇩🇪", "\U0001F468\u200d", "中文", "日本語", "한국어", "\u1112\u1161\u11ab", "עברית", "عربي", "\u202e", "हिन्दी", "ไทย",
    "Ω", "Å", "\u212b", "ñ", "n\u0303", "İ", "ß", "ẞ", "𝕳𝖊", "𠜎", "\uffff", "\ufffd", "\ue000", "\U0010ffff", "...", "!!!",
    "—", "_", "__init__", "camelCase", "curriculum", " curriculum", "🚀🚀", " 🚀🚀", "▁", "▁▁", "Ġ", "Ċ", "</answer>", "<search>",
]

SENTENCE_CASES = [
    "", " ", "  leading", "trailing  ", " both ", "a  b   c    d", "line\nline", "line\r\nline\r\n", "\n\n\nstart", "end\n\n\n",
    "tab\tbetween\t\ttabs", " \t \n \r\n \t ", "it's we'll I'm you're they've he'd can't", "IT'S WE'LL I'M YOU'RE THEY'VE HE'D",
    "it'ſ a long s; IT'ſ", "x'sy 'sz 'S'S's", "12345678901234567890", "3.14159e-10 1,000,000 0x1F 1/2", "1 22 333 4444 55555",
    "٠١٢٣٤٥٦٧٨٩ ۰۱۲۳ १२३", "e\u0301 é e\u0301\u0301 \u0301e", "\u212b Å A\u030a", "\u1100\u1161\u11a8 각", "q\u0307\u0323 q\u0323\u0307",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "👍👍🏻👍🏿", "🇩🇪🇫🇷🇯", "❤ ❤️ ❤\ufe0e", "\u200d\u200d", "中文English混合123", "日本語のテキスト、句読点。「引用」",
    "한국어와 English 사이", "עברית and English עם 123", "العربية 123 English", "\u202eright to left\u202c", "ไทยไม่มีช่องว่าง",
    "<|im_start|>user\nhello<|im_end|>\n", "<|start_header_id|>user<|end_header_id|>\n\nhello<|eot_id|>",
    "text<|im_end|>text", " <|im_end|> ", "<|im_end|><|im_end|>", "<|im_end|", "<|im_end|>>", "<<|im_end|>", "<|eot_id|>\n<|eot_id|>",
    "<s>hello</s>", "<s> hello </s>", "<unk>", "a<unk>b", "<0x0A>", "<tool_call>\n{\"name\": \"search\"}\n</tool_call>",
    "<|reserved_special_token_3|>", "<|reserved_special_token_99|>", "<|fim_prefix|>def f():<|fim_suffix|>", "<|endoftext|>",
    "\u0000\u0001\u0002", "\ufeffbom", "a\ufeffb", "nbsp\u00a0nbsp", "ideographic\u3000space", "line\u2028sep\u2029par\u0085nel",
    "\u000b\u000c", "zero\u200bwidth", "soft\u00adhyphen", "a" * 700, " " * 300, "\n" * 150, "ab" * 300, "1" * 200, "!" * 200,
    "é" * 100, "e\u0301" * 100, "😀" * 60, "中" * 100, "a \n" * 60, "\r\n" * 80, "<|im_end|>" * 20, "'s" * 60, "\t" * 100,
    "def f(x):\n\treturn x  # comment\n\n\nclass A:\n    pass\n", "SELECT * FROM t WHERE a = 'b''c';", "$\\frac{1}{2}$ \\(x\\)",
    "a/b\\c|d~e`f", "C:\\Users\\x\\y.txt", "user@example.org", "#hashtag @mention", "ﬁne ﬂow ﬀ", "ǅ ǆ Ǆ", "𝕳𝖊𝖑𝖑𝖔", "𠜎𠜱𠝹",
    "\uffff\ufffe", "\U0010ffff", "\ufffd", "\ue000\uf8ff", "İstanbul ISPARTA ıı", "Straße STRASSE ẞ", "naïve naïve",
    " curriculum curriculum", "🚀🚀 🚀🚀", "▁ ▁▁ a▁b", "Ġ Ċ Ġword", "  <search> x </search>  ",
]


def texts():
    rng = random.Random(5)
    made = SENTENCES + SENTENCE_CASES + FRAGMENTS
    made += ["".join(rng.choice(FRAGMENTS) for _ in range(rng.randint(2, 9))) for _ in range(160)]
    return list(dict.fromkeys(made))


def expected(tok, cases, seed):
    """Ids with special tokens recognised; ids without, where they differ; text of the ids, where it is not the input."""
    from tokenizers import Tokenizer

    state = json.loads(tok.to_str())
    names = {t["content"] for t in state["added_tokens"]}
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] == "<unk>" and "<unk>" in state["model"]["vocab"]]
    plain = Tokenizer.from_str(json.dumps(state))
    rows = []
    for text in cases:
        ids = tok.encode(text, add_special_tokens=False).ids
        row = {"ids": ids}
        if not any(name in text for name in names):
            assert plain.encode(text, add_special_tokens=False).ids == ids
        elif not ("<unk>" in names and "<unk>" in text):  # the model can't do without its unknown token
            row["plain"] = plain.encode(text, add_special_tokens=False).ids
            assert not set(row["plain"]) & {t["id"] for t in json.loads(tok.to_str())["added_tokens"]}
        decoded = tok.decode(ids, skip_special_tokens=False)
        if decoded != text:
            row["decoded"] = decoded
        rows.append(row)
    return {"cases": rows, "decodes": decodes(tok, seed)}


def decodes(tok, seed):
    """Texts of random ids, most of them no text at all: broken characters, special tokens, ids beyond the vocabulary."""
    rng = random.Random(seed)
    size = tok.get_vocab_size()
    singles = [tok.token_to_id(t) for t in tok.get_vocab() if len(t) == 1 or t.startswith("<0x")]
    rows = []
    for i in range(120):
        pool = singles if i % 3 else range(size + 3)
        ids = [rng.choice(pool) if rng.random() < 0.9 else rng.randrange(size) for _ in range(rng.randint(1, 14))]
        row = [ids, tok.decode(ids, skip_special_tokens=False)]
        without = tok.decode(ids, skip_special_tokens=True)
        rows.append(row if without == row[1] else [*row, without])
    return rows


# ---------------------------------------------------------------------------------------------------- chat templates
QWEN_TEMPLATE = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- 'Functions that may be called, one per line:\\n<tools>' }}
    {%- for tool in tools %}
        {{- '\\n' }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '\\n</tools>\\nA call is JSON between <tool_call> and </tool_call>.<|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nAnswer briefly.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) or (message.role == 'assistant' and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for call in message.tool_calls %}
            {%- if call.function is defined %}
                {%- set call = call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' + call.name + '", "arguments": ' }}
            {{- call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.index0 == 0 or messages[loop.index0 - 1].role != 'tool' %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

LLAMA3_TEMPLATE = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "1 Jan 2024" %}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(turns=0) %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
{{- 'Date: ' + date_string + '\\n\\n' }}
{{- system_message }}
{{- '<|eot_id|>' }}
{%- for message in messages %}
    {%- if message.role not in ['user', 'assistant'] %}
        {{- raise_exception('No such role: ' + message.role) }}
    {%- endif %}
    {%- set ns.turns = ns.turns + 1 %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

TOOL = {"type": "function", "function": {
    "name": "search", "description": "Finds pages, auch auf Deutsch: größer; 日本語",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}, "limit": {"type": "integer", "minimum": 1}},
                   "required": ["query"]}}}


def chats():
    user = {"role": "user", "content": "Which river is the longest?"}
    system = {"role": "system", "content": "  Reply in one word.\n"}
    answer = {"role": "assistant", "content": " The Nile — or the Amazon? 🐊 "}
    call = {"role": "assistant", "content": "", "tool_calls": [
        {"type": "function", "function": {"name": "search", "arguments": {"query": "größter \"Fluss\"\n", "limit": 3, "safe": True}}}]}
    result = {"role": "tool", "content": "<doc>Nile & Amazon</doc>"}
    return [
        ([user], True, None), ([user], False, None), ([system, user], True, None), ([system, user, answer, user], True, None),
        ([user, answer], False, None), ([user], True, [TOOL]), ([system, user, call, result], True, [TOOL]),
        ([user, call, result, result, answer], False, [TOOL, TOOL]), ([{"role": "user", "content": "{{ bos_token }} {% if %} <|im_end|>"}], True, None),
        ([{"role": "user", "content": "line\n\n  line\t\r\n"}, {"role": "assistant", "content": "中文"}], True, None),
        ([{"role": "user", "content": ""}], True, None),
    ]


def render(folder, date):
    from transformers import PreTrainedTokenizerFast

    tok = PreTrainedTokenizerFast.from_pretrained(str(folder))
    rows = []
    for messages, add, tools in chats():
        row = {"messages": messages, "addGenerationPrompt": add, "tools": tools}
        try:
            row["text"] = tok.apply_chat_template(messages, tools=tools, add_generation_prompt=add, tokenize=False, date_string=date)
        except Exception as error:
            row["error"] = str(error)
        rows.append(row)
    return rows


def write_tokenizer(name, tok, config, template=None):
    folder = GOLDEN / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tok.to_str()), ensure_ascii=False, separators=(",", ":")), "utf8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", "utf8")
    if template:
        (folder / "chat_template.jinja").write_text(template, "utf8")
    return folder


def tokenizers_():
    import tokenizers
    import transformers

    common = {"clean_up_tokenization_spaces": False, "model_max_length": 32768, "tokenizer_class": "PreTrainedTokenizerFast"}
    qwen = byte_level(QWEN_SPLIT, 900, True, QWEN_SPECIAL, QWEN_ADDED, False)
    llama3 = byte_level(LLAMA3_SPLIT, 800, False, LLAMA3_SPECIAL, [], True, bos="<|begin_of_text|>")
    llama2 = byte_fallback()
    qwen_folder = write_tokenizer("qwen2.5", qwen, {**common, "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
                                                   "chat_template": QWEN_TEMPLATE})
    llama3_folder = write_tokenizer("llama3", llama3, {**common, "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
                                    LLAMA3_TEMPLATE)
    write_tokenizer("llama2", llama2, {**common, "bos_token": {"__type": "AddedToken", "content": "<s>"}, "eos_token": "</s>",
                                       "unk_token": "<unk>"})
    cases = texts()
    date = "26 Jul 2024"
    golden = {
        "versions": {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__},
        "texts": cases,
        "trainedOn": len(SENTENCES),  # the first of them, each twice
        "qwen2.5": expected(qwen, cases, 1),
        "llama3": expected(llama3, cases, 2),
        "llama2": expected(llama2, cases, 3),
        "chats": {"date": date, "qwen2.5": render(qwen_folder, date), "llama3": render(llama3_folder, date)},
    }
    (GOLDEN / "expected.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n", "utf8")
    size = sum(f.stat().st_size for f in GOLDEN.rglob("*") if f.is_file())
    print(f"{len(cases)} texts, {size} bytes in {GOLDEN}")


# ---------------------------------------------------------------------------------------------------- safetensors
def safetensors_():
    import safetensors
    import torch
    from safetensors.torch import save_file

    folder = ROOT / "test/golden/safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    values = torch.tensor([0, 1, 2, 100, 33, 7])
    dtypes = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16,
              "int8": torch.int8, "int16": torch.int16, "int32": torch.int32, "int64": torch.int64, "uint8": torch.uint8,
              "bool": torch.bool}
    tensors, facts = {}, {}
    for name, dtype in dtypes.items():
        for suffix, tensor in [("matrix", values.reshape(2, 3)), ("single", torch.tensor(3)), ("nothing", values[:0].reshape(0, 4))]:
            made = tensor.to(dtype).contiguous()
            tensors[f"{name}.{suffix}"] = made
            facts[f"{name}.{suffix}"] = {"dtype": name, "shape": list(made.shape), "values": made.to(torch.float64).reshape(-1).tolist()}
    save_file(tensors, folder / "all-dtypes.safetensors", metadata={"format": "pt", "written-by": f"safetensors {safetensors.__version__}"})
    (folder / "all-dtypes.json").write_text(json.dumps(facts, indent=1) + "\n", "utf8")


def check_safetensors(paths):
    """Prints every tensor of files written by TypeScript, with a hash of its bytes."""
    import torch
    from safetensors import safe_open

    for path in paths:
        with safe_open(path, framework="pt") as file:
            rows = {}
            for name in file.keys():
                tensor = file.get_tensor(name)
                data = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
                rows[name] = [str(tensor.dtype), list(tensor.shape), hashlib.sha256(data).hexdigest()[:16]]
            print(json.dumps({"metadata": file.metadata(), "tensors": rows}, indent=1, sort_keys=True))


def check_training(folder):
    """FOLDER holds tokenizer.json made by trainBpe, corpus.json (its texts) and ids.json (ids of these texts)."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
    from transformers import AutoTokenizer

    folder = Path(folder)
    state = json.loads((folder / "tokenizer.json").read_text("utf8"))
    texts_ = json.loads((folder / "corpus.json").read_text("utf8"))
    ids = json.loads((folder / "ids.json").read_text("utf8"))
    reference = Tokenizer(models.BPE())
    split = state["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    reference.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    size = len(state["model"]["vocab"])
    reference.train_from_iterator(texts_, trainers.BpeTrainer(vocab_size=size, show_progress=False, min_frequency=2,
                                                              initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    model = json.loads(reference.to_str())["model"]
    ours = [tuple(m.split(" ") if isinstance(m, str) else m) for m in state["model"]["merges"]]
    theirs = [tuple(m) for m in model["merges"]]
    first = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    print(f"merges: ours {len(ours)}, Rust {len(theirs)}, equal up to {first}; vocabularies equal: {model['vocab'] == state['model']['vocab']}")
    loaded = Tokenizer.from_file(str(folder / "tokenizer.json"))
    print("tokenizers gives the same ids:", [loaded.encode(t, add_special_tokens=False).ids for t in texts_] == ids)
    auto = AutoTokenizer.from_pretrained(str(folder))
    print(f"transformers ({type(auto).__name__}) gives the same ids:", [auto(t, add_special_tokens=False).input_ids for t in texts_] == ids,
          "eos", auto.eos_token, "pad", auto.pad_token, "size", len(auto))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["tokenizers", "safetensors", "check-safetensors", "check-training"])
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()
    if arguments.command == "tokenizers":
        tokenizers_()
    elif arguments.command == "safetensors":
        safetensors_()
    elif arguments.command == "check-safetensors":
        check_safetensors(arguments.paths)
    else:
        check_training(arguments.paths[0])


if __name__ == "__main__":
    main()

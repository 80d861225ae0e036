#!/usr/bin/env python3
"""Writes the values that tests compare with, computed by another implementation. Development only.

    python3 scripts/make-golden.py ops      operators of packages/torch, by PyTorch -> test/golden/torch-ops.json

Any Python with torch will do; its versions go into the file. Inputs are seeded per case, so a new case changes no
other. `ops` fails when an operator of ops.txt is neither covered nor excluded with a reason.
"""
import argparse
import json
import math
import platform
import random
import re
from dataclasses import dataclass
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
OPS_TXT = ROOT / "packages/torch/ops.txt"
OPS_JSON = ROOT / "test/golden/torch-ops.json"

RANDOM = "draws random numbers: its stream differs between libtorch versions; src/random.test.ts checks it"
EXCLUDED = {
    "empty.memory_format": "its elements are whatever the memory held",
    "empty_like": "its elements are whatever the memory held",
    "from_file": "reads a file; src/mapped-file.test.ts checks it",
    **dict.fromkeys(["randn.generator", "rand.generator", "randint.low_generator", "randperm.generator"], RANDOM),
    **dict.fromkeys(["normal_", "uniform_", "bernoulli_.float", "exponential_", "random_.from", "multinomial"], RANDOM),
    "scaled_dot_product_attention": "libtorch 2 only; composites.attention checks its caller, attention()",
    "_fused_adamw_": "libtorch 2 only; composites.adamw checks its caller, adamwStep()",
    "zerosearch::causal_attention": "the addon's own; testing/attention-suite.ts compares it with products and softmax",
    "zerosearch::cached_attention": "the addon's own; testing/attention-suite.ts compares it with causal_attention",
    "zerosearch::write_cache_": "the addon's own; testing/attention-suite.ts reads what it wrote",
    "zerosearch::adamw_": "the addon's own; gradient-check.test.ts compares adamwStep with torch.optim.AdamW",
    "zerosearch::packed_linear": "the addon's own; packed-linear.test.ts compares it with linear",
    "zerosearch::advise_large_pages_": "the addon's own; packed-linear.test.ts lays weights into what it advises on",
}

# Sections of ops.txt whose operators only move, compare or create elements: every libtorch gives the same bits.
EXACT_SECTIONS = {"creation", "conversion and copies", "shape", "indexing", "comparison and logic", "sorting and searching"}
INEXACT = {"linspace"}
EXACT = {"neg", "neg_", "abs", "sign", "floor", "ceil", "round", "trunc", "clamp", "clamp_", "clamp_min", "clamp_max",
         "maximum", "minimum", "nan_to_num", "amax", "amin", "max.dim", "min.dim", "argmax", "argmin", "all", "all.dim",
         "any", "any.dim", "count_nonzero", "relu", "_foreach_zero_"}

INF, NAN = math.inf, math.nan
F16, BF16, F32, F64 = torch.float16, torch.bfloat16, torch.float32, torch.float64
I32, I64, U8, BOOL = torch.int32, torch.int64, torch.uint8, torch.bool


# ---------------------------------------------------------------------------------------------- inputs and encoding
@dataclass(frozen=True)
class Input:
    """A tensor to be made: given values, or distinct seeded multiples of 1/64, which every float dtype holds exactly."""

    shape: tuple
    dtype: torch.dtype = F32
    low: float = -2.0
    high: float = 2.0
    values: object = None
    grad: bool = False
    transposed: tuple = None  # memory in the order of these two dimensions exchanged

    def make(self, rng):
        if self.values is not None:
            made = torch.tensor(self.values, dtype=self.dtype).reshape(self.shape)
        else:
            count = math.prod(self.shape)
            steps = range(math.ceil(self.low * 64), math.floor(self.high * 64) + 1)
            made = torch.tensor([n / 64 for n in rng.sample(steps, count)], dtype=self.dtype).reshape(self.shape)
        if self.transposed:
            made = made.transpose(*self.transposed).contiguous().transpose(*self.transposed)
        return made.requires_grad_(self.grad)

    def __str__(self):
        words = [] if self.dtype is F32 else [name_of(self.dtype)]
        words += ["transposed"] if self.transposed else []
        return " ".join([*words, f"[{','.join(map(str, self.shape))}]"])


def x(*shape, **more):
    """Random, and a gradient is wanted."""
    return Input(shape, grad=True, **more)


def c(*shape, **more):
    """Random, constant."""
    return Input(shape, **more)


def v(values, dtype=F32, **more):
    """These values."""
    return Input(tuple(torch.tensor(values).shape), dtype, values=values, **more)


def ints(values, **more):
    return v(values, I64, **more)


def bools(values):
    return v(values, BOOL)


def name_of(dtype):
    return str(dtype).removeprefix("torch.")


def camel(name):
    head, *rest = name.strip("_").split("_")
    return head + "".join(word.capitalize() for word in rest) + ("_" if name.endswith("_") else "")


def encode_number(value):
    """Shortest text that gives the same float32 (or float64, int64) again; what JSON lacks becomes a string."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)
    return int(value) if isinstance(value, bool) or (isinstance(value, float) and value == int(value) and value) else value


def shortest_float32(value):
    for digits in range(1, 10) if math.isfinite(value) else ():
        text = f"{value:.{digits}g}"
        if torch.tensor(float(text), dtype=F32).item() == value:
            return float(text)
    return value


def encode_tensor(tensor, spec=None):
    values = tensor.detach().to(F32 if tensor.dtype in (F16, BF16) else tensor.dtype).flatten().tolist()
    if tensor.dtype in (F16, BF16, F32):
        values = [shortest_float32(value) for value in values]
    coded = {"dtype": name_of(tensor.dtype), "shape": list(tensor.shape), "values": [encode_number(n) for n in values]}
    if spec and spec.grad:
        coded["requiresGrad"] = True
    if spec and spec.transposed:
        coded["transposed"] = list(spec.transposed)
    return coded


def upstream(output):
    """The gradient that flows into an output: element i gets ((7i + 3) mod 11 - 5.5) / 4, exact in every dtype."""
    flat = [((7 * i + 3) % 11 - 5.5) / 4 for i in range(output.numel())]
    return torch.tensor(flat, dtype=output.dtype).reshape(output.shape)


# ----------------------------------------------------------------------------------------------------------- one case
@dataclass(frozen=True)
class Operator:
    name: str  # as in ops.txt: base.overload
    typescript: str
    exact: bool

    def overload(self):
        base, _, overload = self.name.partition(".")
        return getattr(getattr(torch.ops.aten, base), overload or "default")

    @property
    def mutates(self):
        return self.typescript.endswith("_")


def read_operators():
    """ops.txt: a line is `overload [typescriptName]`, or `since version schema`; a comment starts a section."""
    operators, section = {}, ""
    for line in OPS_TXT.read_text().splitlines():
        if line.startswith("#"):
            section = line.strip("# ").removesuffix(", in place")
        elif line.startswith("since"):
            name = re.search(r"aten::(\w+(?:\.\w+)?)", line).group(1)
            operators[name] = Operator(name, camel(name), False)
        elif line.strip():
            name, *renamed = line.split()
            exact = (section in EXACT_SECTIONS and name not in INEXACT) or name in EXACT
            operators[name] = Operator(name, renamed[0] if renamed else camel(name.partition(".")[0]), exact)
    return operators


class Cases:
    def __init__(self, operators):
        self.operators = operators
        self.cases = []
        self.counts = {}

    def __call__(self, name, *args, says=None, roots=None, **options):
        operator = self.operators.get(name)
        if operator is None:
            raise SystemExit(f"a case calls {name}, which is not in ops.txt")
        number = self.counts[name] = self.counts.get(name, 0) + 1
        rng = random.Random(f"{name} {number}")
        made = {}  # id of a spec -> (spec, its tensor); the same spec twice is two tensors

        def build(value):
            if isinstance(value, Input):
                tensor = value.make(rng)
                made[id(tensor)] = (value, tensor)
                return tensor
            return [build(one) for one in value] if isinstance(value, list) else value

        built = [build(arg) for arg in args]
        built_options = {key: build(value) for key, value in options.items()}
        schema = operator.overload()._schema
        form = "method" if schema.arguments[0].name == "self" and str(schema.arguments[0].type) == "Tensor" else "function"
        padded = built + missing_defaults(schema, len(built), options)
        check_scalars(schema, padded, built_options)
        encoded = [encode(arg, made) for arg in padded]
        encoded_options = {camel(key): encode(value, made) for key, value in built_options.items()}
        leaves = [tensor for spec, tensor in made.values() if spec.grad]
        result = call(operator, padded, built_options)
        outputs = result if isinstance(result, (list, tuple)) else [result]
        case = {"name": "", "operator": name, form: operator.typescript, "args": encoded}
        if encoded_options:
            case["options"] = encoded_options
        if operator.exact:
            case["exact"] = True
        case["outputs"] = [encode_tensor(one) if torch.is_tensor(one) else one for one in outputs]
        differentiable = [i for i, one in enumerate(outputs) if torch.is_tensor(one) and one.requires_grad]
        if differentiable and operator.name != "detach":
            case["roots"] = differentiable if roots is None else roots
            flowing = [outputs[i] for i in case["roots"]]
            gradients = torch.autograd.grad(flowing, leaves, [upstream(one) for one in flowing], allow_unused=True)
            case["gradients"] = [None if one is None else encode_tensor(one) for one in gradients]
        case["name"] = f"{operator.typescript} {says or describe(args, options)}"
        if "gradients" in case:
            case["name"] += ", forward and backward"
        if any(case["name"] == other["name"] for other in self.cases):
            raise SystemExit(f"two cases are named: {case['name']}")
        self.cases.append(case)


def call(operator, args, options):
    """In place, the operator gets a copy of a leaf (a leaf may not be changed) and the result is what it changed."""
    if not operator.mutates:
        return operator.overload()(*args, **options)
    if isinstance(args[0], list):
        target = [tensor.clone() for tensor in args[0]]
    else:
        target = args[0].clone()
    operator.overload()(target, *args[1:], **options)
    return target


def missing_defaults(schema, given, options):
    """Positional arguments that stand before the options in TypeScript, where they can't be left out."""
    padding = []
    for argument in schema.arguments[given:] if options else ():
        if argument.kwarg_only or argument.name in options:
            break
        padding.append(argument.default_value)
    return padding


def check_scalars(schema, args, options):
    """A whole float is an integer in TypeScript, which would be another call; JSON can't tell them apart."""
    given = [*zip(schema.arguments, args), *((a, options[a.name]) for a in schema.arguments if a.name in options)]
    for argument, value in given:
        if isinstance(value, float) and value.is_integer() and "float" not in str(argument.type):
            raise SystemExit(f"{schema.name}: write {argument.name} as an integer, not {value}")


def encode(value, made):
    if torch.is_tensor(value):
        return encode_tensor(value, made[id(value)][0])
    if isinstance(value, list):
        return [encode(one, made) for one in value]
    if isinstance(value, torch.dtype):
        return name_of(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": encode_number(value)}
    return value


def describe(args, options):
    def word(value):
        if isinstance(value, list):
            return "[" + ",".join(map(word, value)) + "]"
        if isinstance(value, torch.dtype):
            return name_of(value)
        return str(value) if isinstance(value, (Input, float)) else json.dumps(value)

    def holds_input(value):
        return isinstance(value, Input) or (isinstance(value, list) and any(map(holds_input, value)))

    tensors = [word(value) for value in args if holds_input(value)]
    others = [word(value) for value in args if not holds_input(value)]
    others += [f"{camel(key)} {word(value)}" for key, value in options.items()]
    return f"of {' and '.join([*tensors] or ['nothing'])}" + (f" with {', '.join(others)}" if others else "")


# ----------------------------------------------------------------------------------------------- cases, by section
def creation(case):
    case("zeros", [2, 0, 3], says="makes an empty tensor")
    case("zeros", [2, 2], dtype=I64)
    case("zeros", [], dtype=BF16)
    case("ones", [3], dtype=BOOL)
    case("ones", [])
    case("eye", 3)
    case("eye", 0)
    case("eye", 2, dtype=F16)
    case("eye.m", 2, 3)
    case("eye.m", 3, 1, dtype=I32)
    case("arange.start_step", 0, 5, 1, says="of whole numbers is int64")
    case("arange.start_step", 5, -2, -3)
    case("arange.start_step", 1, 2, 0.25, says="with a fractional step is float32")
    case("arange.start_step", 0, 3, dtype=F64)
    case("arange.start_step", 2, 2, 1, says="of an empty range")
    case("linspace", 0.5, 2, 4)
    case("linspace", -1, 1, 1)
    case("linspace", 0, 1, 7, dtype=F64)
    case("zeros_like", c(2, 3, transposed=(0, 1)))
    case("zeros_like", c(2), dtype=I32)
    case("ones_like", c(2, 1))
    case("ones_like", ints([1, 2]), dtype=F64)
    case("full_like", c(2, 2), 2.5)
    case("full_like", c(1), -INF)
    case("full_like", ints([[1, 2]]), 7)


def conversion(case):
    awkward = [0.1, 1 / 3, -3.1415927, 65504.0, 1e-8, 0.0, -0.0, INF, -INF, NAN, 257.0, 1.00390625]
    case("to.dtype_layout", x(2, 3), dtype=F64)
    case("to.dtype_layout", x(2, 3, dtype=F64, transposed=(0, 1)), dtype=F32)
    case("to.dtype_layout", v(awkward), dtype=BF16, says="rounds float32 to bfloat16, ties to even")
    case("to.dtype_layout", v(awkward), dtype=F16, says="rounds float32 to float16, ties to even")
    case("to.dtype_layout", x(2, 3), dtype=BF16)
    case("to.dtype_layout", v([0.9, -0.9, 2.5, -2.5]), dtype=I64, says="truncates towards zero")
    case("to.dtype_layout", v([0.0, -0.0, 0.5, NAN, INF]), dtype=BOOL, says="makes all but zero true")
    case("to.dtype_layout", ints([-1, 2**24 + 1, 2**53 + 1]), dtype=F32, says="rounds int64 to float32")
    case("to.dtype_layout", bools([True, False]), dtype=F16)
    case("to.dtype_layout", ints([2**53 + 1, -(2**63)]), copy=True, says="keeps every bit of int64")
    case("to.dtype_layout", c(0, 2), dtype=U8)
    case("clone", x(2, 3, transposed=(0, 1)))
    case("clone", x())
    case("contiguous", x(2, 3, 2, transposed=(0, 2)))
    case("copy_", x(2, 3), x(3), says="broadcasts [3] into [2,3]")
    case("copy_", x(2, 3), x(2, 3, dtype=F64), says="converts float64 to float32")
    case("copy_", ints([1, 2, 3]), v([1.5, -2.5, 0.0]), says="converts float32 to int64")
    case("detach", x(2, 3), says="gives the same values outside the graph")
    case("fill_.Scalar", x(2, 2), 1.5)
    case("fill_.Scalar", ints([1, 2]), -3)
    case("fill_.Scalar", bools([True, False]), True)
    case("fill_.Scalar", c(2, dtype=BF16), 0.1)
    case("zero_", x(2, 3))
    case("zero_", ints([4]))
    case("view.dtype", v([1.0, -0.0, INF, 1e-45]), I32, says="shows the bits of float32 as int32")
    case("view.dtype", v([1065353216, -2147483648], I32), F32, says="shows int32 as the bits of float32")
    case("view.dtype", v([1.0, -2.0]), U8, says="shows float32 as four times as many bytes")


def shape(case):
    case("view", x(2, 6), [3, -1])
    case("view", x(0, 4), [2, 0, 2])
    case("view", c(4, dtype=BF16), [2, 2])
    case("reshape", x(2, 6, transposed=(0, 1)), [3, 4])
    case("reshape", x(1, 1), [])
    case("reshape", ints([[1, 2], [3, 4]]), [-1])
    case("expand", x(2, 1), [3, -1, 4])
    case("expand", x(), [2, 2])
    case("expand", x(1, 3), [0, 3])
    case("permute", x(2, 3, 2), [2, 0, -2])
    case("permute", c(2, 0, dtype=F16), [1, 0])
    case("transpose.int", x(2, 3, 2), -1, 0)
    case("transpose.int", x(), 0, -1)
    case("t", x(2, 3))
    case("t", x(3))
    case("squeeze.dim", x(2, 1, 3), 1)
    case("squeeze.dim", x(2, 1), 0)
    case("squeeze.dim", x(3, 1), -1)
    case("unsqueeze", x(2, 3), -1)
    case("unsqueeze", x(), 0)
    case("flatten.using_ints", x(2, 3, 2), 1)
    case("flatten.using_ints", x(2, 3, transposed=(0, 1)))
    case("flatten.using_ints", x(), says="of a 0-d tensor has one dimension")
    case("unflatten.int", x(2, 6), -1, [2, -1])
    case("unflatten.int", x(0, 2), 1, [2, 1])
    case("narrow", x(3, 4), -1, 1, 2)
    case("narrow", x(3, 4, transposed=(0, 1)), 0, -2, 2)
    case("narrow", x(3), 0, 3, 0)
    case("select.int", x(3, 4), -1, -2)
    case("select.int", x(3), 0, 1)
    case("slice.Tensor", x(5, 2), 0, 1, None, 2)
    case("slice.Tensor", x(2, 5), -1, -3, -1)
    case("slice.Tensor", x(4), 0, 3, 1, says="with its end before its start is empty")
    case("slice.Tensor", ints([1, 2, 3]))
    case("split.Tensor", x(5, 2), 2)
    case("split.Tensor", x(2, 5, transposed=(0, 1)), 3, -1)
    case("split_with_sizes", x(2, 5), [1, 0, 4], 1)
    case("split_with_sizes", x(3), [2, 1])
    case("chunk", x(5), 3)
    case("chunk", x(2, 4), 2, -1)
    case("unbind.int", x(2, 3))
    case("unbind.int", x(2, 3), -1)
    case("cat", [x(2, 1), x(2, 3), x(2, 2, transposed=(0, 1))], -1)
    case("cat", [x(0), x(3)], says="accepts an empty tensor")
    case("cat", [ints([1, 2]), c(1)], says="of int64 and float32 is float32")
    case("cat", [c(2, dtype=BF16), c(1, dtype=BF16)])
    case("stack", [x(2, 3), x(2, 3)], -1)
    case("stack", [x(), x()])
    case("repeat", x(2, 1), [2, 1, 3])
    case("repeat", x(3), [0])
    case("repeat_interleave.self_int", x(2, 3), 2, 1)
    case("repeat_interleave.self_int", x(2, 2), 2, says="without a dimension flattens")
    case("repeat_interleave.self_int", x(2), 3, 0, output_size=6)
    case("roll", x(2, 3), [1], [-1])
    case("roll", x(2, 3), [2, -1], [1, 0])
    case("roll", x(2, 3), [2], says="without dimensions rolls the flat tensor")
    case("flip", x(2, 3), [0, -1])
    case("flip", x(2, 0), [1])
    case("movedim.int", x(2, 3, 2), 0, -1)
    case("diagonal", x(3, 4), 1)
    case("diagonal", x(2, 3, 3), -1, -2, -1)
    case("broadcast_to", x(3), [2, 3])
    case("broadcast_to", x(2, 1), [2, 0])
    case("unfold", x(6), 0, 3, 2)
    case("unfold", x(2, 5), -1, 2, 1)


def indexing(case):
    case("index.Tensor", x(4, 3), [ints([2, 0, 2])], says="picks rows, one of them twice")
    case("index.Tensor", x(3, 4), [None, ints([-1, 0])])
    case("index.Tensor", x(3, 4), [ints([[0], [2]]), ints([1, 3])], says="broadcasts its indices")
    case("index.Tensor", x(3, 2), [bools([True, False, True])])
    case("index.Tensor", c(3, dtype=F16), [Input((0,), I64, values=[])])
    case("index_put", x(4), [ints([1, 3])], x(2))
    case("index_put", x(4, 2), [ints([1, 1, 0])], x(3, 2), True, says="adds up repeated indices")
    case("index_put", x(2, 3), [bools([[True, False, True], [False, False, True]])], x())
    case("index_put_", x(3, 3), [None, ints([0, 2])], x(3, 2))
    case("index_put_", ints([1, 2, 3]), [ints([0, 0])], ints([10, 20]), True)
    case("index_select", x(3, 4), -1, ints([3, 0, 0]))
    case("index_select", x(3, 2, transposed=(0, 1)), 0, Input((0,), I64, values=[]))
    case("index_add", x(3, 2), 0, ints([2, 0, 2]), x(3, 2))
    case("index_add", x(2, 3), -1, ints([1]), x(2, 1), alpha=-0.5)
    case("index_add_", x(3), 0, ints([0, 0]), x(2), alpha=2)
    case("index_add_", ints([1, 2]), 0, ints([1]), ints([5]))
    case("index_copy_", x(3, 2), 0, ints([2, 0]), x(2, 2))
    case("index_fill.int_Scalar", x(2, 3), 1, ints([0, 2]), 0.5)
    case("index_fill.int_Scalar", ints([1, 2, 3]), 0, ints([-1]), 9)
    case("gather", x(2, 3), 1, ints([[0, 0], [2, 1]]))
    case("gather", x(2, 3, transposed=(0, 1)), 0, ints([[1, 0, 1]]))
    case("gather", x(), 0, ints(0))
    case("gather", c(2, 2, dtype=BF16), -1, ints([[1], [0]]))
    case("scatter.src", x(2, 3), 1, ints([[2], [0]]), x(2, 1))
    case("scatter.src", x(3), 0, ints([2, 0]), x(2))
    case("scatter.value", x(2, 3), -1, ints([[2], [0]]), 0.25)
    case("scatter.value", ints([1, 2, 3]), 0, ints([0]), 8)
    case("scatter_add", x(2, 3), 1, ints([[0, 0, 2], [1, 1, 1]]), x(2, 3))
    case("scatter_add", x(3), 0, ints([1]), x(1))
    case("scatter_add_", x(2, 2), 0, ints([[1, 1]]), x(1, 2))
    case("take_along_dim", x(2, 3), ints([[2, 0], [1, 1]]), 1)
    case("take_along_dim", x(2, 2), ints([3, 0]), says="without a dimension takes from the flat tensor")
    case("masked_fill.Scalar", x(2, 3), bools([True, False, True]), -INF, says="broadcasts its mask and fills with -Infinity")
    case("masked_fill.Scalar", c(2, dtype=F16), bools([True, False]), 0.5)
    case("masked_fill.Tensor", x(2, 3), bools([[True], [False]]), x())
    case("masked_fill_.Scalar", x(2, 2), bools([[True, False], [False, True]]), 3)
    case("masked_fill_.Scalar", ints([1, 2]), bools([False, True]), 0)
    case("masked_select", x(2, 3), bools([True, False, True]))
    case("masked_select", x(2), bools([False, False]))
    case("nonzero", v([[0.0, 1.5], [-1.0, 0.0]]))
    case("nonzero", bools([False, False]), says="finds nothing")
    case("nonzero", ints(3), says="of a 0-d tensor has no columns")
    case("where.self", bools([[True], [False]]), x(2, 3), x(3))
    case("where.self", bools([True, False]), ints([1, 2]), ints(0))
    case("where.self", bools([True, False]), c(2, dtype=BF16), c(dtype=BF16))
    case("embedding", x(4, 2), ints([[1, 3], [1, 0]]))
    case("embedding", x(3, 2), ints([2, 0]), 2, says="gives no gradient to the padding row")
    case("embedding", x(3, 2), ints([1, 1, 0]), -1, True, says="scales gradients by frequency")
    case("one_hot", ints([[0, 2], [1, 0]]))
    case("one_hot", ints([1]), 3)


def arithmetic(case):
    for name, options in (("add", {"alpha": 0.5}), ("sub", {"alpha": 2}), ("mul", {}), ("div", {})):
        low = {"low": 0.5} if name == "div" else {}
        case(f"{name}.Tensor", x(2, 3), x(3, **low), says="broadcasts [2,3] with [3]")
        case(f"{name}.Tensor", x(2, 3, transposed=(0, 1)), x(2, 1, **low))
        case(f"{name}.Tensor", x(0, 3), x(3, **low))
        case(f"{name}.Tensor", x(), x(**low), says="of two 0-d tensors")
        case(f"{name}.Tensor", x(2, dtype=F64), x(2, dtype=F64, **low))
        case(f"{name}.Tensor", ints([6, -7]), v([4.0], low=1), says="of int64 and float32 is float32")
        case(f"{name}.Tensor", x(2), x(dtype=F64, **low), says="with a 0-d float64 stays float32")
        case(f"{name}.Tensor", c(2, 2, dtype=BF16), c(2, dtype=BF16, **low))
        case(f"{name}.Tensor", c(2, 2, dtype=F16), c(2, dtype=F16, **low))
        case(f"{name}.Tensor", ints([6, -7]), ints([4, 2]), says="of two int64")
        case(f"{name}.Scalar", x(2, 3), 1.5)
        case(f"{name}.Scalar", ints([1, -3]), 2)
        case(f"{name}.Scalar", ints([1, -3]), 0.5, says="of int64 with a fraction is float32")
        case(f"{name}_.Tensor", x(2, 3), x(3, **low), says="broadcasts [3] into [2,3]")
        case(f"{name}_.Tensor", x(3, 2, transposed=(0, 1)), x(3, 2, **low))
        case(f"{name}_.Scalar", x(2), 0.75)
        if options:
            case(f"{name}.Tensor", x(2, 2), x(2, 2), **options)
            case(f"{name}.Scalar", x(2), 3, **options)
            case(f"{name}_.Tensor", x(2), x(2), **options)
    case("div.Tensor", v([1.0, -1.0, 0.0]), v([0.0, 0.0, 0.0]), says="by zero is infinite or NaN")
    case("mul.Tensor", bools([True, False]), bools([True, True]), says="of bools is a bool")
    case("div.Tensor_mode", x(2, 3), x(3, low=0.25), rounding_mode="floor")
    case("div.Tensor_mode", x(2, 3), x(3, low=0.25), rounding_mode="trunc")
    case("div.Tensor_mode", x(2), x(2, low=0.25), rounding_mode=None)
    case("div.Tensor_mode", ints([7, -7]), ints([2, 2]), rounding_mode="floor")
    case("div.Tensor_mode", ints([7, -7]), ints([2, 2]), rounding_mode="trunc")
    case("remainder.Tensor", x(2, 3), x(3, low=0.5))
    case("remainder.Tensor", ints([7, -7, 7]), ints([3, 3, -3]), says="takes the sign of the divisor")
    case("remainder.Scalar", x(2, 3), 0.75)
    case("remainder.Scalar", ints([5, -5]), 3)
    case("pow.Tensor_Tensor", x(2, 3, low=0.25), x(3))
    case("pow.Tensor_Tensor", ints([2, -3]), ints([10, 3]))
    for exponent in (2, 3, 0.5, -1):
        case("pow.Tensor_Scalar", x(2, 3, low=0.25), exponent)
    case("pow.Tensor_Scalar", ints([3, -2]), 2)
    unary(case)
    clamping(case)
    blending(case)


def unary(case):
    everywhere = ["neg", "abs", "sign", "square", "exp", "expm1", "sin", "cos", "tanh", "sigmoid", "erf", "floor", "ceil", "round", "trunc"]
    positive = ["reciprocal", "sqrt", "rsqrt", "log", "log1p", "log2"]
    for name in everywhere + positive:
        low = 0.25 if name in positive else -2
        case(name, x(2, 3, low=low))
        case(name, x(3, 2, low=low, transposed=(0, 1)))
        case(name, x(low=low))
        case(name, x(3, low=low, dtype=F64))
        case(name, c(5, low=low, dtype=BF16))
        if name in ("neg", "abs", "sign", "reciprocal", "square"):
            case(name, c(5, low=low, dtype=F16))
        if name not in ("sign", "round"):
            case(name, v([INF, -INF, NAN, 0.0]), says="of infinities, NaN and zero")
    case("exp", x(0, 2))
    case("log", x(2, 0))
    case("round", v([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997]), says="rounds halves to even")
    case("neg", ints([3, -4]))
    case("abs", ints([3, -4]))
    case("sign", ints([3, 0, -4]))
    case("square", ints([3, -4]))
    case("exp", ints([1, 2]), says="of int64 is float32")
    case("neg_", x(2, 3))
    case("sqrt_", x(2, 3, low=0.25))
    case("exp_", x(2, 3))
    special = [NAN, INF, -INF, 1.5]
    case("nan_to_num", v(special, grad=True))
    case("nan_to_num", v(special, grad=True), 0.5, 7.0, -7.5)


def clamping(case):
    edge = 0.507  # no multiple of 1/64, so no input lies on it
    case("clamp", x(2, 3), -edge, edge)
    case("clamp", x(2, 3, transposed=(0, 1)), None, edge)
    case("clamp", x(3), -edge)
    case("clamp", ints([-5, 0, 5]), -1, 2)
    case("clamp", v([NAN, INF, -INF]), -1, 1, says="keeps NaN")
    case("clamp", c(4, dtype=BF16), 0)
    case("clamp_", x(2, 3), -edge, edge)
    case("clamp_", ints([-5, 5]), 0)
    case("clamp_min", x(2, 3), edge)
    case("clamp_min", ints([1, 4]), 3)
    case("clamp_max", x(2, 3), edge)
    for name in ("maximum", "minimum"):
        case(name, x(2, 3), x(3))
        case(name, x(2, 3, transposed=(0, 1)), x(2, 1))
        case(name, v([NAN, 1.0, -0.5]), v([1.0, NAN, INF]), says="of anything and NaN is NaN")
        case(name, ints([1, 5]), ints([3, 3]))
        case(name, c(3, dtype=F16), c(3, dtype=F16))


def blending(case):
    case("lerp.Scalar", x(2, 3), x(3), 0.25)
    case("lerp.Scalar", x(2), x(2), 0.75)
    case("lerp.Tensor", x(2, 3), x(2, 3), x(3, low=0, high=1))
    case("lerp_.Scalar", x(2, 3), x(2, 3), 0.25)
    for name in ("addcmul", "addcdiv"):
        case(name, x(2, 3), x(3), x(2, 1, low=0.5))
        case(name, x(2, 3, transposed=(0, 1)), x(2, 3), x(3, low=0.5), value=-0.5)
        case(name, x(2, dtype=F64), x(2, dtype=F64), x(2, low=0.5, dtype=F64), value=3)
        case(f"{name}_", x(2, 3), x(3), x(2, 1, low=0.5))
        case(f"{name}_", x(2), x(2), x(2, low=0.5), value=0.1)


def comparison(case):
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        case(f"{name}.Tensor", v([[1.0, 2.0, NAN], [INF, 0.0, -1.0]]), v([1.0, 0.0, NAN]), says="broadcasts, and NaN equals nothing")
        case(f"{name}.Tensor", ints([1, 2, 2**53 + 1]), ints([1, 3, 2**53]))
        case(f"{name}.Tensor", c(0, 2), c(2))
        case(f"{name}.Scalar", v([0.5, -0.5, 1.0]), 0.5)
        case(f"{name}.Scalar", ints([1, 2]), 2)
    case("eq.Tensor", bools([True, False]), bools([True, True]))
    for name in ("logical_and", "logical_or", "logical_xor"):
        case(name, bools([[True], [False]]), bools([True, False]))
        case(name, v([0.0, 2.0, NAN]), ints([1, 0, 1]))
    case("logical_not", bools([True, False]))
    case("logical_not", v([0.0, -0.5, NAN]))
    for name in ("bitwise_and.Tensor", "bitwise_or.Tensor"):
        case(name, ints([[12], [-1]]), ints([10, 3]))
        case(name, bools([True, True, False]), bools([True, False, False]))
    case("bitwise_not", ints([0, 5, -1]))
    case("bitwise_not", v([0, 255, 7], U8))
    case("bitwise_not", bools([True, False]))
    for name in ("isnan", "isinf", "isfinite"):
        case(name, v([0.0, NAN, INF, -INF]))
        case(name, ints([1, 2]))
        case(name, v([1.0, NAN, INF], F16))
    close = [1.0, 1.0 + 2**-18, 2.0, NAN, INF]
    case("isclose", v(close), v([1.0, 1.0, 2.5, NAN, INF]))
    case("isclose", v(close), v([1.0, 1.0, 2.5, NAN, INF]), 0.5, 0.0, True)
    case("equal", ints([1, 2]), ints([1, 2]), says="of the same elements is true")
    case("equal", ints([1, 2]), ints([1, 3]), says="of different elements is false")
    case("equal", v([NAN]), v([NAN]), says="of NaN and NaN is false")
    case("equal", c(0, 2), c(0, 3), says="of different shapes is false")


def reductions(case):
    for name in ("sum.dim_IntList", "mean.dim"):
        case(name, x(2, 3), [1])
        case(name, x(2, 3, transposed=(0, 1)), [-1], True)
        case(name, x(2, 3, 2), [0, -1])
        case(name, x(2, 3), None, says="over all dimensions")
        case(name, x(), None, says="of a 0-d tensor")
        case(name, x(2, 3), [0], False, dtype=F64)
        case(name, c(2, 4, dtype=BF16), [-1])
        case(name, c(2, 4, dtype=F16), [-1])
        case(name, x(0, 3), [0])
        case(name, ints([[1, 2], [3, 5]]), [0], dtype=F32)
    case("sum.dim_IntList", bools([True, False, True]), None, says="of bools counts in int64")
    case("sum.dim_IntList", v([[1, 2], [3, 4]], I32), [1], says="of int32 is int64")
    case("prod", x(2, 3))
    case("prod", v([2.0, 0.0, 3.0], grad=True), says="with a zero")
    case("prod", Input((0,), F32))
    case("prod", v([2, 3], I32), dtype=F64)
    case("prod.dim_int", x(2, 3), -1, True)
    case("prod.dim_int", x(2, 3, transposed=(0, 1)), 0)
    case("prod.dim_int", ints([[2, 3], [4, 5]]), 1)
    for name in ("amax", "amin"):
        case(name, x(2, 3), [1])
        case(name, x(2, 3, 2, transposed=(0, 2)), [0, -1], True)
        case(name, x(2, 3), [], says="over all dimensions")
        case(name, ints([[1, 9], [3, 5]]), [0])
        case(name, v([1.0, NAN, 2.0]), [0], says="passes NaN on")
    for name in ("max.dim", "min.dim"):
        case(name, x(2, 3), 1)
        case(name, x(3, 2, transposed=(0, 1)), -2, True)
        case(name, ints([4, 9, 1]), 0)
        case(name, c(2, 3, dtype=BF16), -1)
    for name in ("argmax", "argmin"):
        case(name, c(2, 3))
        case(name, c(2, 3, transposed=(0, 1)), -1, True)
        case(name, ints([[4, 9], [1, 3]]), 0)
    for name in ("all", "any"):
        case(name, bools([True, False]))
        case(name, Input((0,), F32), says="of nothing")
        case(f"{name}.dim", bools([[True, False], [True, True]]), -1)
        case(f"{name}.dim", v([[0.0, 2.0], [0.0, NAN]]), 0, True)
    for name in ("cumsum", "cumprod"):
        case(name, x(2, 3), 1)
        case(name, x(2, 3, transposed=(0, 1)), -2)
        case(name, ints([1, 2, 3]), 0)
        case(name, x(0, 2), 0)
        case(name, v([1, 2], I32), 0, dtype=F64)
    for name in ("var.dim", "std.dim"):
        case(name, x(2, 4), [1])
        case(name, x(3, 2, transposed=(0, 1)), [-1], False, True)
        case(name, x(2, 3), None, says="over all dimensions")
        case(name, x(4, dtype=F64), [0], True)
        case(name, c(1), [0], False)
    case("logsumexp", x(2, 3), [1])
    case("logsumexp", x(2, 3, transposed=(0, 1)), [0, 1], True)
    case("logsumexp", v([[-INF, 1000.0], [-INF, -INF]]), [-1], says="of large numbers and -Infinity")
    case("norm.ScalarOpt_dim", x(2, 3), 2, [1])
    case("norm.ScalarOpt_dim", x(2, 3), 1, [-1], True)
    case("norm.ScalarOpt_dim", x(2, 3, transposed=(0, 1)), None, [0, 1])
    case("norm.ScalarOpt_dim", x(2, 3), INF, [0])
    case("norm.ScalarOpt_dim", x(3, dtype=F64), 3, [0])
    case("count_nonzero", v([[0.0, 1.0], [2.0, NAN]]))
    case("count_nonzero", ints([[0, 1], [0, 0]]), 0)


def sorting(case):
    case("sort", x(2, 4))
    case("sort", x(3, 2, transposed=(0, 1)), 0, True)
    case("sort", ints([4, 1, 2]))
    case("sort", v([NAN, 1.0, -INF, INF]), says="puts NaN last")
    case("sort", x(0))
    case("argsort", c(2, 4))
    case("argsort", c(3, 2, transposed=(0, 1)), 0, True)
    case("topk", x(2, 4), 2)
    case("topk", x(4, 2, transposed=(0, 1)), 3, 0, False, True)
    case("topk", ints([4, 9, 1]), 1)
    case("topk", c(4, dtype=BF16), 0)
    case("kthvalue", x(2, 4), 2)
    case("kthvalue", x(4, 2, transposed=(0, 1)), 1, 0, True)
    steps = v([0.0, 1.0, 1.0, 2.5])
    case("searchsorted.Tensor", steps, v([[1.0, -1.0], [3.0, 1.5]]))
    case("searchsorted.Tensor", steps, v([1.0, 2.5]), right=True)
    case("searchsorted.Tensor", steps, v([1.0]), side="right", out_int32=True)
    case("searchsorted.Tensor", v([2.5, 0.0, 1.0]), v([0.5]), sorter=ints([1, 2, 0]))
    case("bincount", ints([1, 3, 1]))
    case("bincount", ints([1, 3, 1]), v([0.5, 2.0, 0.25]), 6)
    case("bincount", Input((0,), I64, values=[]), None, 2)
    for name in ("tril", "triu"):
        case(name, x(3, 4))
        case(name, x(2, 3, 3, transposed=(1, 2)), -1)
        case(name, x(0, 3))
        case(name, ints([[1, 2], [3, 4]]), 1)
        case(name, bools([[True, True], [True, True]]))


def products(case):
    case("mm", x(2, 3), x(3, 4))
    case("mm", x(3, 2, transposed=(0, 1)), x(2, 3, transposed=(0, 1)))
    case("mm", x(2, 0), x(0, 3), says="over an empty dimension is zero")
    case("mm", x(2, 3, dtype=F64), x(3, 2, dtype=F64))
    case("mm", ints([[1, 2], [3, 4]]), ints([[0, 1], [1, 0]]))
    case("mm", c(2, 8, dtype=BF16), c(8, 2, dtype=BF16))
    case("bmm", x(2, 2, 3), x(2, 3, 2))
    case("bmm", x(2, 3, 2, transposed=(1, 2)), x(2, 2, 3, transposed=(0, 1)))
    case("bmm", x(0, 2, 3), x(0, 3, 2))
    case("matmul", x(2, 1, 2, 3), x(2, 3, 2), says="broadcasts its batches")
    case("matmul", x(2, 3), x(3), says="of a matrix and a vector")
    case("matmul", x(3), x(3, 2), says="of a vector and a matrix")
    case("matmul", x(3), x(3), says="of two vectors is 0-d")
    case("matmul", c(2, 8, dtype=BF16), c(8, dtype=BF16))
    case("addmm", x(2), x(3, 4), x(4, 2), beta=0.5, alpha=2)
    case("addmm", x(3, 2), x(3, 4, transposed=(0, 1)), x(4, 2))
    case("baddbmm", x(2, 2, 2), x(2, 2, 3), x(2, 3, 2))
    case("baddbmm", x(1, 2), x(2, 2, 3), x(2, 3, 2), beta=2, alpha=-0.5)
    case("dot", x(4), x(4))
    case("dot", ints([1, 2]), ints([3, 4]))
    case("outer", x(2), x(3))
    case("outer", x(0), x(3))
    case("einsum", "bij,bjk->bik", [x(2, 2, 3), x(2, 3, 2)])
    case("einsum", "ij->ji", [x(2, 3)])
    case("einsum", "...d,...d->...", [x(2, 3), x(3)])
    case("einsum", "i,j,ij->", [x(2), x(3), x(2, 3)])
    case("linear", x(2, 3), x(4, 3), x(4))
    case("linear", x(2, 2, 3), x(2, 3))
    case("linear", x(3), x(2, 3), x(2))
    case("linear", x(2, 3, transposed=(0, 1)), x(4, 3, transposed=(0, 1)), x(4))
    case("linear", c(2, 8, dtype=BF16), c(3, 8, dtype=BF16), c(3, dtype=BF16))


def networks(case):
    for name in ("relu", "gelu", "silu", "softplus", "leaky_relu", "log_sigmoid"):
        case(name, x(2, 3))
        case(name, x(3, 2, transposed=(0, 1)))
        case(name, x(0, 2))
        case(name, x(4, dtype=F64))
        case(name, c(5, dtype=BF16))
    case("relu", v([NAN, INF, -INF, -0.0]), says="of NaN, infinities and zero")
    case("gelu", x(2, 3), approximate="tanh")
    case("gelu", v([-30.0, 30.0], grad=True), says="far from zero")
    case("softplus", x(2, 3), 2, 1)
    case("leaky_relu", x(2, 3), 0.3)
    case("log_sigmoid", v([-200.0, 200.0], grad=True), says="far from zero")
    for name in ("softmax.int", "log_softmax.int"):
        case(name, x(2, 3), 1)
        case(name, x(3, 2, transposed=(0, 1)), -2)
        case(name, x(2, 2, 3), -1, F64)
        case(name, x(3), 0)
        case(name, x(0, 3), -1)
        case(name, x(), 0)
        case(name, c(2, 5, dtype=BF16), -1)
        case(name, v([[1000.0, 0.0, -INF]]), -1, says="of large numbers and -Infinity")
    case("layer_norm", x(2, 4), [4], x(4), x(4))
    case("layer_norm", x(2, 4, transposed=(0, 1)), [4])
    case("layer_norm", x(2, 2, 3), [2, 3], x(2, 3), None, 0.5)
    case("layer_norm", x(0, 3), [3], x(3), x(3))
    case("layer_norm", x(2, 3, dtype=F64), [3])
    case("layer_norm", c(2, 8, dtype=BF16), [8], c(8, dtype=BF16), c(8, dtype=BF16))
    case("native_layer_norm", x(2, 4), [4], x(4), x(4), 1e-5, roots=[0], says="gives mean and reciprocal deviation too")
    classes, weights = ints([2, 0, 1]), v([0.5, 2.0, 1.25])
    case("cross_entropy_loss", x(3, 3), classes)
    case("cross_entropy_loss", x(3, 3), classes, None, 0, says="without reduction")
    case("cross_entropy_loss", x(3, 3), classes, weights, 2, says="sums with class weights")
    case("cross_entropy_loss", x(3, 3), ints([2, -100, 1]), weights, says="averages over weights of what is not ignored")
    case("cross_entropy_loss", x(3, 3), ints([1, 0, 1]), None, 1, 0, 0.1, says="smooths labels and ignores class 0")
    case("cross_entropy_loss", x(2, 3), v([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]], grad=True), says="of class probabilities")
    case("cross_entropy_loss", x(2, 3, 2), ints([[0, 1], [2, 0]]), says="of [2,3,2] with a target per position")
    case("cross_entropy_loss", x(2, 3, dtype=F64), ints([1, 2]))
    case("nll_loss_nd", x(3, 3), classes)
    case("nll_loss_nd", x(3, 3), ints([2, 1, 0]), weights, 0, 1)
    case("nll_loss_nd", x(1, 2, 3), ints([[0, 1, 1]]), None, 2)
    case("mse_loss", x(2, 3), x(2, 3))
    case("mse_loss", x(2, 3, transposed=(0, 1)), x(2, 3), 0)
    case("mse_loss", x(2), x(2), 2)
    target = v([[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]])
    case("binary_cross_entropy_with_logits", x(2, 3), target)
    case("binary_cross_entropy_with_logits", x(2, 3), target, v([0.5, 1.0, 2.0]), v([1.0, 3.0, 0.5]), 0)
    case("binary_cross_entropy_with_logits", v([500.0, -500.0], grad=True), v([0.0, 1.0]), None, None, 2, says="far from zero")
    case("dropout", x(2, 3), 0.5, False, says="does nothing outside training")
    case("dropout", x(2, 3), 1.0, True, says="of everything is zero")


def foreach(case):
    def many(**more):
        return [c(2, 3, **more), c(**more), c(0, 2, **more), c(3, 2, transposed=(0, 1), **more)]

    wide = [c(2, dtype=F64, low=0.5), c(1, dtype=F64, low=0.5)]
    case("_foreach_add_.List", many(), many())
    case("_foreach_add_.List", wide, wide, alpha=-0.5)
    case("_foreach_add_.Scalar", many(), 0.5)
    case("_foreach_add_.Scalar", [ints([1, 2]), ints([3])], 2)
    case("_foreach_mul_.Scalar", many(), 1.5)
    case("_foreach_mul_.List", many(), many())
    case("_foreach_div_.ScalarList", many(), [0.5, 3, 0.75, 2])
    case("_foreach_sqrt", many(low=0.25))
    case("_foreach_sqrt", wide)
    case("_foreach_addcmul_.Scalar", many(), many(), many(), 0.5)
    case("_foreach_addcdiv_.ScalarList", many(), many(), many(low=0.5), [0.5, 2, 1, -0.25])
    case("_foreach_norm.Scalar", many())
    case("_foreach_norm.Scalar", [c(2, 3), c(4)], 1)
    case("_foreach_zero_", many())


SECTIONS = (creation, conversion, shape, indexing, arithmetic, comparison, reductions, sorting, products, networks, foreach)


# -------------------------------------------------------------------------------------------------------- composites
def attention_case(says, query, keys, mask=None, **options):
    """softmax(q kT scale + mask) v by plain operators, which PyTorch 1.13 has too."""
    rng = random.Random(f"attention {says}")
    specs = [Input(query, grad=True), Input(keys, grad=True), Input(keys, grad=True)] + ([mask] if mask else [])
    made = [spec.make(rng) for spec in specs]
    q, k, value = made[:3]
    each = query[1] // keys[1]
    k, value = k.repeat_interleave(each, 1), value.repeat_interleave(each, 1)
    scores = q @ k.transpose(-2, -1) * options.get("scale", 1 / math.sqrt(query[-1]))
    causal = torch.ones(query[2], keys[2], dtype=BOOL).tril() if options.get("isCausal") else None
    allowed = made[3] if mask else causal
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -INF) if allowed.dtype is BOOL else scores + allowed
    output = scores.softmax(-1) @ value
    gradients = torch.autograd.grad(output, [one for one in made if one.requires_grad], upstream(output))
    coded = dict(zip(("query", "key", "value", "mask"), map(encode_tensor, made, specs)))
    return {"name": f"attention {says}", **coded, "options": options, "output": encode_tensor(output),
            "gradients": [encode_tensor(one) for one in gradients]}


def attention_cases():
    window = [[True, False, False], [True, True, False], [False, True, True]]
    return [
        attention_case("without a mask", (2, 2, 3, 4), (2, 2, 3, 4)),
        attention_case("looks back only when causal", (1, 2, 4, 4), (1, 2, 4, 4), isCausal=True),
        attention_case("of two queries, causal, over three keys", (1, 1, 2, 4), (1, 1, 3, 4), isCausal=True),
        attention_case("with four query heads over two key heads", (1, 4, 3, 2), (1, 2, 3, 2), isCausal=True),
        attention_case("with a scale of its own", (1, 1, 2, 4), (1, 1, 2, 4), scale=0.3),
        attention_case("takes a bool mask [T,S]", (2, 1, 3, 4), (2, 1, 3, 4), bools(window)),
        attention_case("takes a bool mask [B,1,1,S]", (2, 2, 2, 4), (2, 2, 3, 4),
                       bools([[[[True, False, True]]], [[[True, True, False]]]])),
        attention_case("adds a float mask", (1, 2, 3, 4), (1, 2, 3, 4), c(1, 2, 3, 3)),
        attention_case("passes a gradient to a float mask", (1, 2, 2, 4), (1, 1, 3, 4), x(1, 2, 2, 3)),
    ]


def adamw_case(says, dtype=F32, steps=3, **options):
    rng = random.Random(f"adamw {says}")
    specs = [Input((2, 3), dtype), Input((4,), dtype), Input((), dtype)]
    parameters = [spec.make(rng).requires_grad_() for spec in specs]
    optimizer = torch.optim.AdamW(parameters, lr=options["learningRate"], betas=(options["beta1"], options["beta2"]),
                                  eps=options["epsilon"], weight_decay=options["weightDecay"])
    case = {"name": f"adamwStep {says}", "options": options, "parameters": [encode_tensor(one) for one in parameters], "steps": []}
    for _ in range(steps):
        for parameter, spec in zip(parameters, specs):
            parameter.grad = spec.make(rng)
        optimizer.step()
        state = [optimizer.state[parameter] for parameter in parameters]
        case["steps"].append({
            "gradients": [encode_tensor(parameter.grad) for parameter in parameters],
            "parameters": [encode_tensor(parameter) for parameter in parameters],
            "firstMoments": [encode_tensor(one["exp_avg"]) for one in state],
            "secondMoments": [encode_tensor(one["exp_avg_sq"]) for one in state],
        })
    return case


def adamw_cases():
    usual = {"learningRate": 0.1, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1}
    return [
        adamw_case("decays weights, for three steps", **usual),
        adamw_case("without weight decay", **{**usual, "weightDecay": 0.0}),
        adamw_case("with a large epsilon", **{**usual, "epsilon": 0.5, "learningRate": 0.01}),
        adamw_case("in float64", dtype=F64, **usual),
    ]


# ---------------------------------------------------------------------------------------------------------- commands
def make_ops():
    operators = read_operators()
    cases = Cases(operators)
    for section in SECTIONS:
        section(cases)
    missing = sorted(operators.keys() - cases.counts.keys() - EXCLUDED.keys())
    if missing:
        raise SystemExit(f"operators of ops.txt neither covered nor excluded: {', '.join(missing)}")
    stale = sorted(EXCLUDED.keys() - operators.keys()) + sorted(EXCLUDED.keys() & cases.counts.keys())
    if stale:
        raise SystemExit(f"excluded, but covered or not in ops.txt: {', '.join(stale)}")
    head = {
        "madeBy": "scripts/make-golden.py ops",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "dtype": "float32, unless a tensor says otherwise",
        "upstream": " ".join(upstream.__doc__.split()),
        "excluded": EXCLUDED,
    }
    write_json(OPS_JSON, head, {
        "cases": cases.cases,
        "attention": attention_cases(),
        "adamw": adamw_cases(),
    })
    differentiated = {case["operator"] for case in cases.cases if "gradients" in case}
    size = OPS_JSON.stat().st_size
    print(f"{OPS_JSON.relative_to(ROOT)}: {len(cases.cases)} cases of {len(cases.counts)} operators, "
          f"{len(differentiated)} with gradients, {len(EXCLUDED)} excluded, {size / 1000:.0f} kB, torch {torch.__version__}")


def write_json(path, head, lists):
    """One case a line, so that a diff shows which changed."""
    def line(value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    parts = [f'"{key}":{line(value)}' for key, value in head.items()]
    cases, composites = lists.pop("cases"), lists
    coded = [f'"{key}":[\n{",".join(chr(10) + line(one) for one in many).lstrip()}\n]' for key, many in composites.items()]
    parts.append('"composites":{' + ",\n".join(coded) + "}")
    parts.append('"cases":[\n' + ",\n".join(map(line, cases)) + "\n]")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(parts) + "}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("ops", help="operators of packages/torch").set_defaults(run=make_ops)
    torch.set_num_threads(1)
    parser.parse_args().run()


if __name__ == "__main__":
    main()

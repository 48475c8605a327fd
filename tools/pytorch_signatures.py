"""Write engine/calls/pytorch_signatures.json: what PyTorch's argument parser accepts, which the engine's refusals of wrong calls read.

Needs PyTorch: `python tools/pytorch_signatures.py`. A signature stands as PyTorch prints it, with what it does not print
behind the type: "?" where None may stand, ":2" where one int may stand for a list of two, or where `out` must be two tensors.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "engine" / "calls" / "pytorch_signatures.json"
ALIAS = re.compile(r"\([a-z|]+!?( -> [a-z|*]*)?\)")  # "(a!)": which arguments and results share memory
KINDS = {
    "Tensor": "Tensor", "Scalar": "Number", "number": "Number",
    "int": "int", "SymInt": "int", "float": "float", "bool": "bool", "str": "str",
    "ScalarType": "torch.dtype", "Layout": "torch.layout", "Device": "torch.device", "MemoryFormat": "torch.memory_format",
    "Generator": "torch.Generator", "int[]": "tuple of ints", "SymInt[]": "tuple of ints", "float[]": "tuple of floats",
    "Tensor[]": "tuple of Tensors", "Scalar[]": "tuple of Scalars", "bool[]": "tuple of bools",
}  # fmt: skip

# what stands in python_variable_methods.cpp and in no schema, and what has more schemas than are public
BY_HAND = {
    "is_contiguous": "(*, torch.memory_format memory_format = torch.contiguous_format)",
    "complex": "(Tensor real, Tensor imag, *, Tensor? out = None)", "polar": "(Tensor abs, Tensor angle, *, Tensor? out = None)",
    **dict.fromkeys(("real", "imag", "view_as_real", "view_as_complex"), "(Tensor input)"),
    **dict.fromkeys(
        ("bool", "byte", "char", "short", "int", "long", "half", "bfloat16", "float", "double", "cfloat", "cdouble", "chalf"),
        "(*, torch.memory_format? memory_format = None)",
    ),
}  # fmt: skip

# Functions that are written in Python hand their arguments on: what they first ask them for ("input.size()", behind a question mark where
# another argument must be true for that), the parser that takes them then, and as what: "_" is something that was computed,
# "x*2" is x twice where it is no list, "x^" the list that stands for many, "x&" the only one of them, "x$" x where it is no word and not
# nothing. A parser with a question mark is asked where that argument is given, is a number (":int") or none (":list"). Where an argument
# is given, another row may hold ("return_indices->max_pool2d_with_indices").
_POOL = "(input, kernel_size, stride, padding, dilation, ceil_mode)"
_SIZES = "target.size() input.size()"
HANDED = {
    "functional": {
        **{n: f"{n}(input)" for n in ("hardswish", "hardsigmoid", "mish", "silu", "relu", "relu6", "selu")},
        **{n: f"input.{n}()" for n in ("sigmoid", "tanh")}, "softsign": "input.abs()", "tanhshrink": "input.tanh()",
        "celu": "celu(input, alpha)", "elu": "elu(input, alpha)", "leaky_relu": "leaky_relu(input, negative_slope)",
        "hardtanh": "hardtanh(input, _, _)", "rrelu": "rrelu(input, lower, upper, training)",
        "threshold": "threshold(input, threshold, value)", "glu": "input.dim() glu(input, dim)",
        "dropout": "dropout(input, _, training)", "alpha_dropout": "alpha_dropout(input, _, training)",
        "feature_alpha_dropout": "feature_alpha_dropout(input, _, training)",
        **{f"dropout{n}d": "input.dim() feature_dropout(input, _, training)" for n in (1, 2, 3)},
        "layer_norm": "layer_norm(input, normalized_shape, weight, bias, eps, _)",
        "rms_norm": "rms_norm(input, normalized_shape, weight, eps)",
        "group_norm": "input.dim() group_norm(input, _, weight, bias, eps, _)",
        "batch_norm": "input.size()?training batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, _)",
        "instance_norm": "input.size()?use_input_stats "
        "instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, _)",
        "binary_cross_entropy": f"{_SIZES} weight.size()?weight binary_cross_entropy(input, target, weight, _)",
        "binary_cross_entropy_with_logits": f"{_SIZES} binary_cross_entropy_with_logits(input, target, weight, pos_weight, _)",
        "mse_loss": _SIZES, "l1_loss": _SIZES, "smooth_l1_loss": f"{_SIZES} smooth_l1_loss(_, _, _, beta)",
        "huber_loss": f"{_SIZES} huber_loss(_, _, _, delta)",
        "ctc_loss": "ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, 1, zero_infinity)",
        "affine_grid": "theta.is_floating_point() affine_grid_generator(_, _, align_corners$)",
        "grid_sample": "grid_sampler(input, grid, 0, 0, align_corners$)",
        "embedding_bag": "weight.dtype input.size()?per_sample_weights weight.dim() input.dim() offsets.dim()?offsets",
        "cross_entropy": "cross_entropy_loss(input, target, weight, _, ignore_index, label_smoothing)",
        "nll_loss": "nll_loss_nd(input, target, weight, _, ignore_index)", "kl_div": "kl_div(input, target, _, log_target=log_target)",
        "poisson_nll_loss": "poisson_nll_loss(input, target, log_input, full, eps, _)",
        "soft_margin_loss": "soft_margin_loss(input, target, _)",
        "multi_margin_loss": "multi_margin_loss(input, target, p, margin, weight, _)",
        "multilabel_margin_loss": "multilabel_margin_loss(input, target, _)", "multilabel_soft_margin_loss": "log_sigmoid(input)",
        "hinge_embedding_loss": "hinge_embedding_loss(input, target, margin, _)",
        "cosine_embedding_loss": "cosine_embedding_loss(input1, input2, target, margin, _)",
        "margin_ranking_loss": "input1.dim() input2.dim() target.dim() margin_ranking_loss(input1, input2, target, margin, _)",
        "triplet_margin_loss": "triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, _)",
        "triplet_margin_with_distance_loss": "anchor.ndim positive.ndim negative.ndim",
        **{f"max_pool{n}d": f"return_indices->max_pool{n}d_with_indices max_pool{n}d{_POOL}" for n in (1, 2, 3)},
        **{f"max_pool{n}d_with_indices": f"max_pool{n}d_with_indices{_POOL}" for n in (1, 2, 3)},
        **{f"adaptive_{n}": f"input.size() adaptive_{n}(input, _)" for n in ("avg_pool2d", "avg_pool3d", "max_pool2d", "max_pool3d")},
        "adaptive_max_pool1d": "adaptive_max_pool1d(input, output_size)",
        **{n: f"input.size()?output_ratio input.dim() {n}(input, kernel_size, output_size$, _random_samples$)"
           for n in ("fractional_max_pool2d", "fractional_max_pool3d")},
        "softmin": "", **dict.fromkeys(("lp_pool1d", "lp_pool2d", "lp_pool3d"), "input.pow()"),
        "max_unpool1d": "input.size() indices.unsqueeze()",
        "max_unpool2d": "input.size() max_unpool2d(input, indices, _)",
        "max_unpool3d": "input.size() max_unpool3d(input, indices, _, _, _)",
        "fold": "col2im(input, output_size*2, kernel_size*2, dilation*2, padding*2, stride*2)",
        "unfold": "im2col(input, kernel_size*2, dilation*2, padding*2, stride*2)", "pad": "pad(input, pad, mode, value)",
        "embedding": "embedding(weight, input, _, scale_grad_by_freq, sparse)", "softmax": "input.softmax()?dim",
        "log_softmax": "input.log_softmax()?dim", "gumbel_softmax": "empty_like(logits)",
        "normalize": "input.norm() linalg_vector_norm(input, p$, dim, _)",
        **dict.fromkeys(("local_response_norm", "interpolate", "upsample", "upsample_bilinear", "upsample_nearest"), "input.dim()"),
    },
    "torch": {
        "cdist": "cdist(x1, x2, p, _)", **{n: f"{n}(tensors&)" for n in ("atleast_1d", "atleast_2d", "atleast_3d")},
        "stft": "input.dim()?center "
        "stft(input, n_fft, hop_length, win_length, window, normalized, onesided, return_complex, align_to_window)",
        "split": "tensor.split() split(tensor, split_size_or_sections, dim)?split_size_or_sections:int "
        "split_with_sizes(tensor, split_size_or_sections, dim)?split_size_or_sections:list",
        "broadcast_tensors": "broadcast_tensors(tensors)",
        "block_diag": "block_diag(tensors)", "cartesian_prod": "cartesian_prod(tensors)",
        "meshgrid": "meshgrid(tensors^) meshgrid(tensors^, indexing=indexing)?indexing",
        "tensordot": "a.dim()?dims:int b.dim()?dims:int tensordot(a, b, _, _)?dims:list",
        "norm": "input.layout linalg_vector_norm(input, p$, dim$, keepdim, dtype=dtype)",
        "unique": "dim->unique_dim _unique2(input, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)",
        "unique_consecutive": "unique_consecutive(input, return_inverse=return_inverse, return_counts=return_counts, dim=dim)",
        "unique_dim": "unique_dim(input, dim, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)",
        "lu": "_lu_with_info(A, pivot=pivot)",
    },
}  # fmt: skip
_METHODS = ("unique", "unique_consecutive", "unique_dim", "norm", "stft")
HANDED["method"] = {name: re.sub(r"\binput\b", "self", HANDED["torch"][name]) for name in _METHODS}
HANDED["method"]["unflatten"] = "self.unflatten(dim, sizes)"
HANDED["method"]["lu"] = "_lu_with_info(self, pivot=pivot)"
HANDED["method"]["split"] = "split(self, split_size, dim)?split_size:int split_with_sizes(self, split_size, dim)?split_size:list"
_TAKES = {"unique": "_unique_impl", "unique_consecutive": "_unique_consecutive_impl", "unique_dim": "_unique_impl", "lu": "_lu_impl"}


def told(function: Callable[..., Any]) -> str:
    """What a call with far too many arguments that are nothing says: all signatures, or how many arguments there may be."""
    try:
        function(*[object()] * 25)
    except Exception as refused:
        return str(refused)
    return ""


def schema_arguments(text: str) -> list[tuple[str, bool, int, str, str | None, bool]]:
    """(kind, may be None, size of the list, name, default, only by keyword) of each argument of a schema."""
    inside = ALIAS.sub("", text)
    inside = inside[inside.index("(") + 1 : inside.rindex(") ->")]
    keyword, found = False, []
    for part in re.split(r", (?![^\[(]*[\])])", inside) if inside else []:
        if part == "*":
            keyword = True
            continue
        kind, _, rest = part.partition(" ")
        name, _, default = rest.partition("=")
        nullable = kind.endswith("?")
        size = re.search(r"\[(\d+)\]", kind)
        plain = re.sub(r"\[\d*\]", "[]", kind.rstrip("?")).replace("?", "")
        found.append((KINDS.get(plain, plain), nullable, int(size[1]) if size else 0, name, default or None, keyword))
    return found


@functools.cache
def has_out(name: str) -> bool:
    """Whether a function of torch takes `out=`: many schemas with one are generated and not public."""
    import torch

    stubs = (Path(torch.__file__).parent / "_C" / "_VariableFunctions.pyi").read_text(encoding="utf-8")
    bodies = re.findall(rf"^def {name}\((.*?)\) ->", stubs, flags=re.M | re.S)
    return not bodies or any(re.search(r"\bout:", body) for body in bodies)


def schemas(name: str) -> list[str]:
    """The schemas of a name, those with names of dimensions left out."""
    import torch

    found = [str(s) for s in torch._C._jit_get_schemas_for_operator(f"aten::{name}")]
    return [s for s in found if "Dimname" not in s and s.startswith(("aten::" + name + "(", "aten::" + name + "."))]


def written_to(schema: str) -> list[str]:
    """The arguments `out` of a schema."""
    return re.findall(r"\([a-z]!\)\S* \w+", schema.partition(", *, ")[2].partition(") ->")[0])


def single(name: str, words: str, method: bool) -> str | None:
    """The signature of a name that has one, from its schema."""
    counts = re.search(r"takes (?:from (\d+) to )?(\d+) positional", words)
    if counts is None:
        return None
    most = int(counts[2])
    least = int(counts[1] or most)
    out = ""
    chosen: list[str] | None = None
    for schema in schemas(name):
        arguments = schema_arguments(schema)
        written = written_to(schema)
        if written:
            out = "Tensor? out = None" if len(written) == 1 else f"tuple of Tensors:{len(written)}? out = None"
            continue
        owner = next((a for a in arguments if a[0] == "Tensor" and a[3] == "self"), None)
        if method and owner is None:
            continue
        given = [a for a in arguments if a is not owner] if method else arguments
        positional = [a for a in given if not a[5]]
        needed = [a for a in given if a[4] is None]
        if len(positional) != most or (len(needed) != least and least != most) or chosen is not None:
            continue
        chosen = []
        keyword = False
        for kind, nullable, size, argument, default, only in given:
            if only and not keyword:
                chosen.append("*")
                keyword = True
            shown = "input" if argument == "self" else argument
            mark = (f":{size}" if size else "") + ("?" if nullable else "")
            chosen.append(f"{kind}{mark} {shown}" + ("" if default is None else f" = {default.replace(', ', ',')}"))
        if any(a[3] == "pin_memory" for a in given):
            chosen.append("bool? requires_grad = False")
    if chosen is None:
        return None
    if out and not method and has_out(name):
        if "*" not in chosen:
            chosen.append("*")
        options = next((k for k, shown in enumerate(chosen) if any(a[3] == "pin_memory" for a in given) and " dtype" in shown), len(chosen))
        chosen.insert(options, out)  # before what says how a tensor is made
    return "(" + ", ".join(chosen) + ")"


def marked(signature: str, name: str) -> str:
    """A printed signature with the marks that PyTorch does not print, found in the schemas by the arguments' names."""
    known: dict[tuple[str, str], str] = {("out", "Tensor"): "?", ("out", "tuple of Tensors"): "?", ("requires_grad", "bool"): "?"}
    for schema in schemas(name):
        if len(written_to(schema)) > 1:
            known["out", "tuple of Tensors"] = f":{len(written_to(schema))}?"
        for kind, nullable, size, argument, _default, _only in schema_arguments(schema):
            mark = (f":{size}" if size else "") + ("?" if nullable else "")
            if mark:
                known[argument, kind] = mark
    parts = []
    for part in signature[1:-1].split(", "):
        words, equals, default = part.partition(" = ")
        kind, _, argument = words.rpartition(" ")
        mark = known.get((argument, kind), "")
        parts.append(f"{kind}{mark} {argument}{equals}{default}" if kind else part)
    return "(" + ", ".join(parts) + ")"


def signatures(function: Callable[..., Any], attribute: str, method: bool) -> tuple[str, list[str]] | None:
    """(the name that errors tell, the signatures); the second starts with "~" where PyTorch hides deprecated ones."""
    words = told(function)
    if method and words.startswith(f"Tensor.{attribute}() takes no arguments"):
        return attribute, []
    spoken = re.match(r"([a-z_A-Z0-9]+)\(\) ", words)
    if spoken is not None and spoken[1] == "nonzero":
        return "nonzero", ["()", "(*, bool as_tuple)"] if method else ["(Tensor input, *, Tensor? out = None, bool as_tuple = False)"]
    if spoken is None or spoken[1] in {"type", "tensor", "as_tensor"}:  # parsed by hand
        return None
    name = spoken[1]
    if "invalid combination" in words:
        listed = re.findall(r"^ \* (\(.*\))$", words, flags=re.M)
        if listed:
            return name, [marked(s, name) for s in listed]
        only = words.rpartition("but expected ")[2]
        return name, ["~" + marked(only, name)]
    one = BY_HAND.get(name) or single(name, words, method)
    return None if one is None else (name, [one])


def takes(home: str, name: str) -> list[list[Any]]:
    """The parameters of a function that is written in Python, with their defaults."""
    import torch

    owner: Any = torch.nn.functional if home == "functional" else torch.functional if name in _TAKES else torch
    if home == "method":
        owner = torch.Tensor
    pooled = re.fullmatch(r"((adaptive|fractional)_)?max_pool\dd", name)
    function = getattr(owner, f"_{name}" if pooled else name.removesuffix("_dim") if home == "method" else _TAKES.get(name, name))
    found: list[list[Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        shown = ("*" if parameter.kind is parameter.VAR_POSITIONAL else "") + parameter.name
        found.append([shown] if parameter.default is parameter.empty else [shown, parameter.default])
    return found


def handed_on(home: str, name: str, row: str) -> dict[str, Any]:
    """What the table says of a function that is written in Python."""
    made: dict[str, Any] = {"takes": takes(home, name)}
    if home == "method":
        made["called"] = f"Tensor.{name}"
    elif re.fullmatch(r"((adaptive|fractional)_)?max_pool\dd", name):  # functions of that name choose among others
        made["called"] = [["return_indices", f"{name}_with_indices"], ["", f"_{name}"]]
    elif name in ("unique", "unique_consecutive"):
        start = "_" if name == "unique" else "_consecutive_"
        made["called"] = [[n, start + n] for n in ("return_counts", "return_inverse")] + [["", f"{start}return_output"]]
    elif name == "lu":
        made["called"] = [["get_infos", "_lu_with_infos"], ["", "_lu_no_infos"]]
    elif name == "threshold":
        made["called"] = "_threshold"
    for step in re.findall(r"[\w.>-]+(?:\([^)]*\))?(?:\?[\w:]+)?", row):
        handed = re.fullmatch(r"((?:self\.)?\w+)\(([^)]+)\)(?:\?([\w:]+))?", step)
        if "->" in step:
            made["else"] = step.split("->")
        elif handed is None:
            made.setdefault("asks", []).append(step)
        elif handed[3]:
            made.setdefault("asks", []).append({**parser(handed[1], handed[2]), "if": handed[3]})
        else:
            made.update(parser(handed[1], handed[2]))
    return made


def parser(name: str, given: str) -> dict[str, Any]:
    """What the table says of a parser that takes arguments from Python."""
    import torch

    owners: tuple[Any, ...] = (torch._C._nn, torch._C._VariableFunctions, torch._C._linalg)
    method, name = name.startswith("self."), name.removeprefix("self.")
    if method:
        owners = (super(torch.Tensor, torch.ones(2)),)
    found = signatures(next(getattr(owner, name) for owner in owners if hasattr(owner, name)), name, method)
    if found is None:
        raise LookupError(name)
    return {"to": found[0], "given": given.split(", "), "signatures": found[1]}


def main() -> None:
    """Ask the PyTorch of this environment about every function and method that the engine has."""
    import torch

    import engine

    table: dict[str, dict[str, Any]] = {}
    homes = {
        "torch": (torch, engine), "functional": (torch.nn.functional, engine.nn.functional), "special": (torch.special, engine.special),
        "linalg": (torch.linalg, engine.linalg), "fft": (torch.fft, engine.fft), "method": (torch.ones(2), engine.Tensor),
    }  # fmt: skip
    for home, (theirs, ours) in homes.items():
        rows = table[home] = {}
        for name in dir(ours):
            if name.startswith("_") or name in {"data", "grad", "T", "mT", "H", "mH", "real", "imag"}:
                continue
            function = getattr(theirs, name, None)
            if not isinstance(function, (types.BuiltinFunctionType, types.BuiltinMethodType)):
                continue
            found = signatures(function, name, home == "method")
            if found is not None:
                spoken, listed = found
                rows[name] = listed if spoken == name else [spoken, *listed]
    # what interpolate hands its arguments on to
    table["nn"] = {
        name: found[1] for name in dir(torch._C._nn) if re.match("_?upsample_.*[123]d(_aa)?$", name)
        for found in [signatures(getattr(torch._C._nn, name), name, False)] if found is not None
    }  # fmt: skip
    table["python"] = {home: {name: handed_on(home, name, row) for name, row in rows.items()} for home, rows in HANDED.items()}
    TARGET.write_text(json.dumps(table, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

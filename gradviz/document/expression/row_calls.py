"""What a recorded row of the engine is called on the canvas: an entry of the catalogue with its settings and ports.

A recording has the rows that ran, not the calls that the script wrote, and what a row is told may have another name there (`kernel`
for kernel_size), or follow from the shapes. Where it tells less than the call did (which dim argmax went along), there are choices:
the one that gives the recorded numbers was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from ..palette.catalogue import Entry, catalogue
from .indexing import AT, INDEX

ARRAY = "array of shape "  # how a recording tells a parameter that is an array
Shape = tuple[int, ...]

_NAMES = {"log_sigmoid": "logsigmoid", "nll_loss2d": "nll_loss"}
_CASTS = {"float32": "float", "float64": "double", "int64": "long", "bool": "bool"}
# rows whose entry has another name
_IDS = {
    "_unsafe_view": "torch.reshape",
    "im2col": "F.unfold",
    "col2im": "F.fold",
    "unfold": "Tensor.unfold",
    "constant_pad_nd": "F.pad",
    "diagonal_copy": "torch.diagonal",
    "_safe_softmax": "F.softmax",
    "_scaled_dot_product_flash_attention_for_cpu": "F.scaled_dot_product_attention",
}
# how entries call what a row calls otherwise
_USUAL = {
    "kernel": "kernel_size",
    "ceil": "ceil_mode",
    "include": "count_include_pad",
    "divisor": "divisor_override",
    "slope": "negative_slope",
    "idx": "index",
    "uplo": "UPLO",
    "by_count": "scale_grad_by_freq",
    "places": "indices",
}
_OWN = {
    "_unsafe_view": {"size": "shape"},
    "clamp": {"low": "min", "high": "max"},
    "hardtanh": {"low": "min_val", "high": "max_val"},
    "unfold": {"dim": "dimension"},
    "col2im": {"size": "output_size"},
    "masked_select": {"key": "mask"},
}
# what follows from the shapes, or says how the row works
_LEFT = {
    "batch_norm": ("dim", "at", "fold"),
    "layer_norm": ("dim", "at", "fold"),
    "group_norm": ("dim", "at", "fold"),
    "instance_norm": ("dim", "at", "fold"),
    "convolution_transpose": ("size",),
    "diag_embed": ("shape",),
    "embedding": ("rows",),
    "block_diag": ("shapes",),
    "clone": ("order",),
    "elu": ("scale", "input_scale"),
    "max_unpool2d": ("out",),
    "index_select": ("key",),
    "take": ("key",),
}
# the ports of a row's inputs, where they are not the entry's from the first on
_PORTS = {
    "batch_norm": ("input", "weight", "bias", "running_mean", "running_var"),
    "instance_norm": ("input", "weight", "bias"),
    "masked_scatter": ("input", "source"),
    "scatter": ("input", "src"),
    "scatter_add": ("input", "src"),
    "index_add": ("input", "source"),
    "index_copy": ("input", "source"),
    "embedding": ("weight",),
}
# told by tables that the engine made of what the call said
_NO_NODES = ("embedding_bag",)
_SELU = 1.0507009873554805


class _Row(NamedTuple):
    """What a row was told, and the shapes of what it read and gave."""

    params: Mapping[str, Any]
    read: Sequence[Shape]
    made: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class Call:
    """An entry, with what is set at it, the ports of what the row read, and what else may be set: the first that fits the numbers."""

    entry: Entry
    settings: dict[str, Any]
    ports: tuple[str, ...]
    choices: tuple[dict[str, Any], ...] = ()


def call_of(name: str, params: Mapping[str, Any], places: Sequence[int], read: Sequence[Shape], made: Sequence[Shape]) -> Call | None:
    """The call that a recorded row is; None where the editor has none.

    Args:
        places: which of the row's inputs were tensors.
        read: the shapes of what it read.
        made: the shapes of what it gave.
    """
    if name in _NO_NODES:
        return None
    if name in ("slice", "index") and "key" in params:
        return Call(catalogue()[INDEX], {"index": _key(params["key"])}, ("input",))
    if name == "clamp" and "low" not in params:  # its ends are tensors
        if len(places) != 2:
            return None
        found = catalogue()["torch.maximum" if places[1] == 1 else "torch.minimum"]
        return Call(found, {}, ("input", "other", "other"))
    row_entry, renamed = _entry(name, dict(params))
    if row_entry is None:
        return None
    found = row_entry
    settings = {k: v for k, v in renamed.items() if k not in _LEFT.get(name, ())}
    settings = {_OWN.get(name, {}).get(k, k): v for k, v in settings.items()}
    settings = {k if found.port(k) or any(s.name == k for s in found.settings) else _USUAL.get(k, k): v for k, v in settings.items()}
    ports = _PORTS.get(name, tuple(p.name for p in found.ports))
    if name == "pow" and "base" in settings:
        settings, ports = {"input": settings["base"]}, ("exponent",)
    more = _resized if found.op == "F.interpolate" else _TOLD.get(name)
    if more is not None:
        settings |= more(_Row(params, read, made))
    choices: tuple[dict[str, Any], ...] = ()
    if name in ("argmax", "argmin"):
        choices = _dims(read[0], made[0])
    elif name == "gelu":
        choices = ({}, {"approximate": "tanh"})
    elif found.op == "F.interpolate":
        choices = ({}, {"align_corners": True})
    elif name == "transpose" and not params:  # in place
        choices = tuple({"dim0": a, "dim1": b} for a, b in combinations(range(len(read[0])), 2))
    return Call(found, settings, ports, choices)


def _entry(name: str, params: dict[str, Any]) -> tuple[Entry | None, dict[str, Any]]:
    """The entry of a row, and the row's parameters where they have to be read anew."""
    entries = catalogue()
    if (resized := re.fullmatch(r"_?upsample_([a-z_]*[a-z])\dd", name)) is not None:
        return entries["F.interpolate"], {"mode": resized[1].replace("_", "-")}
    if name in _IDS:
        return entries.get(_IDS[name]), params
    if name == "slice":
        return entries["torch.narrow"], params
    if name == "elu" and params.get("scale") == _SELU:
        return entries["F.selu"], {}
    if name in ("convolution", "convolution_transpose"):
        number = len(params.get("stride") or ()) or 1
        name = f"conv{'_transpose' if name.endswith('transpose') else ''}{number}d"
    elif name in ("adaptive_avg_pool", "adaptive_max_pool"):
        name, params = f"{name}{len(params.get('out') or ()) or 1}d", {"output_size": params.get("out")}
    elif name == "_to_copy":
        name = _CASTS.get(str(params.get("dtype")), name)
        params = {}
    elif "parts" in params:
        name = "split"
        params = {"split_size_or_sections": tuple(length for _, length in params.get("parts") or ()), "dim": params.get("dim", 0)}
    elif name.endswith("_with_indices"):
        name = name.removesuffix("_with_indices")
    name = _NAMES.get(name, name)
    for family in ("linalg", "special"):
        if name.startswith(family + "_"):
            found = entries.get(f"torch.{family}.{name.removeprefix(family + '_')}")
            if found is not None:
                return found, params
    for prefix in ("torch", "F", "torch.special", "torch.linalg", "Tensor"):
        found = entries.get(f"{prefix}.{name}")
        if found is not None:
            return found, params
    return None, params


def _key(parts: Sequence[Any]) -> str:
    places = iter(range(len(parts)))
    return ", ".join(f"{AT}{next(places)}" if str(p).startswith(ARRAY) else str(p) for p in parts)


def _dims(read: Shape, made: Shape) -> tuple[dict[str, Any], ...]:
    """Along which dimension something was reduced, as far as the shapes tell."""
    if made == ():
        return ({},)
    kept = len(made) == len(read)
    some = [d for d in range(len(read)) if (*read[:d], *((1,) if kept else ()), *read[d + 1 :]) == made]
    return tuple({"dim": d, **({"keepdim": True} if kept else {})} for d in some)


def _batch_norm(row: _Row) -> dict[str, Any]:
    own = len(row.read) > 3 or "dim" not in row.params  # with the running statistics
    return {} if own else {"running_mean": None, "running_var": None, "training": True}


def _layer_norm(row: _Row) -> dict[str, Any]:
    return {"normalized_shape": row.read[0][min(row.params.get("dim") or (0,)) :]}


def _group_norm(row: _Row) -> dict[str, Any]:
    return {"num_groups": row.params["fold"][1]} if len(row.params.get("fold") or ()) > 1 else {}


def _transposed(row: _Row) -> dict[str, Any]:
    """What was added to the size at one side, where anything was."""
    told = (row.params.get(name) or () for name in ("stride", "padding", "dilation"))
    sides = zip(row.read[0][2:], row.read[1][2:], row.made[0][2:], *told, strict=False)
    more = tuple(out - ((n - 1) * stride - 2 * pad + dilation * (k - 1) + 1) for n, k, out, stride, pad, dilation in sides)
    return {"output_padding": more} if any(more) else {}


def _resized(row: _Row) -> dict[str, Any]:
    return {"size": row.made[0][2:]}


def _unpooled(row: _Row) -> dict[str, Any]:
    size = row.made[0][-2:]
    return {"kernel_size": tuple(max(1, out // n) for n, out in zip(row.read[0][-2:], size, strict=True)), "output_size": size}


def _selected(row: _Row) -> dict[str, Any]:
    """x.index_select(dim, index) is told as the key that it is."""
    parts = list(row.params.get("key") or ())
    at = next((k for k, p in enumerate(parts) if str(p).startswith(ARRAY)), None)
    return {} if at is None else {"dim": at, "index": parts[at]}


def _taken(row: _Row) -> dict[str, Any]:
    return {"index": next(iter(row.params.get("key") or ()), None)}


_TOLD: dict[str, Callable[[_Row], dict[str, Any]]] = {
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "convolution_transpose": _transposed,
    "max_unpool2d": _unpooled,
    "index_select": _selected,
    "take": _taken,
}

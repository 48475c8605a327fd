"""How tensors print: PyTorch's repr, character by character.

The rules (width of the widest number, when numbers turn scientific, where lines break, what is left out) are
PyTorch's, described in https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass
class Options:
    """torch.set_printoptions."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = Options()
_PROFILES = {"default": Options(), "short": Options(precision=2, edgeitems=2), "full": Options(threshold=math.inf)}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors print; what is not given stays."""
    if profile in _PROFILES:  # of another word PyTorch says nothing
        chosen = _PROFILES[profile]
        OPTIONS.precision, OPTIONS.threshold = chosen.precision, chosen.threshold
        OPTIONS.edgeitems, OPTIONS.linewidth = chosen.edgeitems, chosen.linewidth
    if precision is not None:
        OPTIONS.precision = precision
    if threshold is not None:
        OPTIONS.threshold = threshold
    if edgeitems is not None:
        OPTIONS.edgeitems = edgeitems
    if linewidth is not None:
        OPTIONS.linewidth = linewidth
    OPTIONS.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The options as keyword arguments of set_printoptions."""
    return asdict(OPTIONS)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Other options inside a block."""
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


@dataclass(frozen=True)
class _Style:
    """How one element prints, and how wide."""

    write: Callable[[Any], str]
    width: int

    def __call__(self, value: Any) -> str:
        return self.write(value).rjust(self.width)


def _style(data: Array) -> _Style:
    if data.dtype.kind != "f":
        return _Style(str, max((len(str(v)) for v in data.reshape(-1).tolist()), default=1))
    values = data.reshape(-1).astype(np.float64)
    values = values[np.isfinite(values) & (values != 0)]
    if not values.size:
        return _Style(_whole, 1)
    sizes = np.abs(values)
    low, high = float(sizes.min()), float(sizes.max())
    scientific = OPTIONS.sci_mode if OPTIONS.sci_mode is not None else high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4
    if scientific:
        form = f"{{:.{OPTIONS.precision}e}}".format
        return _Style(form, max(len(form(v)) for v in values.tolist()))
    if bool((values == np.ceil(values)).all()):
        return _Style(_whole, 1 + max(len(f"{v:.0f}") for v in (float(values.min()), float(values.max()))))
    form = f"{{:.{OPTIONS.precision}f}}".format
    # the widest number in fixed notation is the smallest or the largest one
    return _Style(form, max(len(form(v)) for v in (float(values.min()), float(values.max()))))


def _whole(value: float) -> str:
    text = f"{value:.0f}"
    return text if math.isinf(value) or math.isnan(value) else text + "."


def _shown(data: Array) -> Array:
    """The elements that a summarised tensor shows."""
    edge = OPTIONS.edgeitems
    for axis in range(data.ndim):
        if data.shape[axis] > 2 * edge:
            n = data.shape[axis]
            data = np.take(data, [*range(edge), *range(n - edge, n)], axis=axis)
    return data


def _row(data: Array, indent: int, summarize: bool, style: Callable[[Any], str], width: int) -> str:
    per_line = max(1, (OPTIONS.linewidth - indent) // (width + 2))
    edge = OPTIONS.edgeitems
    if summarize and not edge:
        texts = ["..."]
    elif summarize and len(data) > 2 * edge:
        texts = [*(style(v) for v in data[:edge].tolist()), " ...", *(style(v) for v in data[-edge:].tolist())]
    else:
        texts = [style(v) for v in data.tolist()]
    lines = [", ".join(texts[k : k + per_line]) for k in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _body(data: Array, indent: int, summarize: bool, style: Callable[[Any], str], width: int) -> str:
    if data.ndim == 0:
        return style(data.item())
    if data.ndim == 1:
        return _row(data, indent, summarize, style, width)
    edge = OPTIONS.edgeitems
    if summarize and len(data) > 2 * edge:
        parts = [_body(d, indent + 1, summarize, style, width) for d in data[:edge]]
        parts += ["...", *(_body(d, indent + 1, summarize, style, width) for d in data[-edge:])]
    else:
        parts = [_body(d, indent + 1, summarize, style, width) for d in data]
    return "[" + ("," + "\n" * (data.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _complex_style(data: Array) -> tuple[Callable[[Any], str], int]:
    real, imag = _style(data.real), _style(data.imag)

    def write(value: complex) -> str:
        second = (imag(value.imag) + "j").lstrip()
        return real(value.real) + ("" if second[0] in "+-" else "+") + second

    return write, real.width + imag.width + 1


def sparse_text(places: str, entries: str, suffixes: list[str]) -> str:
    """The repr of a sparse tensor, of the texts of its places and its numbers."""
    indent = len("tensor(")
    return _with_suffixes(f"tensor(indices={places},\n{' ' * indent}values={entries}", suffixes, indent, newline=True)


def _with_suffixes(text: str, suffixes: list[str], indent: int, newline: bool) -> str:
    parts, last = [text], len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if newline or last + len(suffix) + 2 > OPTIONS.linewidth:
            parts.append(",\n" + " " * indent + suffix)
            last = indent + len(suffix)
            newline = False
        else:
            parts.append(", " + suffix)
            last += len(suffix) + 2
    return "".join(parts) + ")"


def tensor_text(
    array: Array,
    *,
    dtype_name: str,
    default_dtype_name: str = "float32",
    requires_grad: bool = False,
    grad_fn_name: str | None = None,
    indent: int = 0,
    tangent: str | None = None,
    kind: str = "tensor",
) -> str:
    """The repr of a tensor.

    Args:
        array: the data, any shape.
        dtype_name: PyTorch's name of the dtype ("float32"); shown unless it is the default, int64 or bool.
        grad_fn_name: name of the backward node, shown instead of requires_grad.
        tangent: the text of the tangent of a dual tensor.
        kind: the name of a class of the script's, else "tensor".
    """
    prefix = f"{kind}("
    indent += len(prefix)
    suffixes = []
    usual = {default_dtype_name, "int64", "bool", {"float32": "complex64", "float64": "complex128"}.get(default_dtype_name, "complex64")}
    if array.size == 0:
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        if dtype_name != default_dtype_name:
            suffixes.append(f"dtype=torch.{dtype_name}")
        body = "[]"
    else:
        if dtype_name not in usual:
            suffixes.append(f"dtype=torch.{dtype_name}")
        summarize = array.size > OPTIONS.threshold
        shown = _shown(array) if summarize else array
        if array.dtype.kind == "c":
            style, width = _complex_style(shown)
        else:
            chosen = _style(shown)
            style, width = chosen, chosen.width
        body = _body(array, indent, summarize, style, width)
    if grad_fn_name is not None:
        suffixes.append(f"grad_fn=<{grad_fn_name}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    if tangent is not None:
        suffixes.append(f"tangent={tangent}")
    return _with_suffixes(prefix + body, suffixes, indent, newline=False)

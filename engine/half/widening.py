"""Half precision as PyTorch's CPU kernels compute it: widened to float32, one op, rounded once at the end.

Nothing of this is in the way of other dtypes: the rows learn it when a script names bfloat16 or float16 for the first time
(dtypes.at_first_use). A row's forward then looks whether one of its arrays is of half precision; so do its nodes, when they fire.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from .. import op as rows
from ..graph.course import KNOWN
from ..graph.firing import apply_vjps, fitted, gradients
from ..graph.pulls import Pull, pull
from ..graph.saved import check_tracked, unpack
from ..op import Op
from . import bfloat16
from . import kernels as half_kernels
from .bfloat16 import cast

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_SINGLE, _HALF = np.dtype(np.float32), np.dtype(np.float16)

on = False


def begin() -> None:
    """Let all rows learn it, and those that are made later."""
    global on
    if on:
        return
    on = True
    for row in list(rows.ROWS):
        _learn(row)
    KNOWN.clear()  # courses fire the rows as they were
    rows.new_row.append(_learn)


def _learn(row: Op) -> None:
    if not hasattr(row.forward, "narrowed") and not row.view:
        row.forward = _FORWARDS.get(row.name, _widening)(row)
    if row.node_class.__module__ == "builtins":  # the Functions of a script are given tensors
        row.pulls = _Pulls(row)


class Rounding(_ndarray):
    """float32 of which each function of numpy keeps what bfloat16 keeps: for what PyTorch computes in several ops."""

    keep: Callable[[Any], Array] = staticmethod(bfloat16.rounded)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        plain = [x.view(_ndarray) if isinstance(x, Rounding) else x for x in inputs]
        if "out" in named:
            named["out"] = tuple(x.view(_ndarray) if isinstance(x, Rounding) else x for x in named["out"])
        return self.kept(getattr(ufunc, method)(*plain, **named))

    def mean(self, *args: Any, **named: Any) -> Any:
        return self.kept(self.view(_ndarray).mean(*args, **named))

    @classmethod
    def kept(cls, out: Any) -> Any:
        """A result, rounded where it has numbers with a point."""
        if type(out) is tuple:
            return tuple(map(cls.kept, out))
        return cls.keep(out).view(cls) if isinstance(out, (_ndarray, np.generic)) and out.dtype.kind == "f" else out


class RoundingHalf(Rounding):
    """The same for float16."""

    keep = staticmethod(lambda out: np.asarray(out, np.float16).astype(np.float32))


def rounding(kind: Any) -> type[Rounding]:
    """The class for a dtype of half precision."""
    return Rounding if kind.kind == "V" else RoundingHalf


# -- forward ----------------------------------------------------------------------------------------------


def _is_half(x: Any) -> bool:
    return type(x) is _ndarray and x.dtype.itemsize == 2 and x.dtype.kind in "Vf"


def _wide(x: Any) -> Any:
    if type(x) is _ndarray:
        return cast(x, _SINGLE) if _is_half(x) else x
    if type(x) is tuple or type(x) is list:
        return type(x)(map(_wide, x)) if not hasattr(x, "_fields") else x
    return x


def _narrowed(out: Any, kind: Any) -> Any:
    if type(out) is tuple:
        return tuple(_narrowed(each, kind) for each in out)
    return cast(np.asarray(out), kind) if isinstance(out, (_ndarray, np.generic)) and out.dtype.kind == "f" else out


# Ops whose kernels read a number with all its digits; others round it to the tensors' dtype first.
_EXACT_NUMBERS = frozenset({"mul", "div", "floor_divide"})


def _widening(row: Op) -> Callable[..., Any]:
    """The row's forward, which takes arrays of half precision, too."""
    name, forward, variadic, meets = row.name, row.forward, row.variadic, bool(row.promote)
    exact, special = name in _EXACT_NUMBERS, half_kernels.of(row)

    @functools.wraps(forward)
    def narrowed(*arrays: Any, **params: Any) -> Any:
        given = arrays[0] if variadic else arrays
        for x in given:
            if isinstance(x, Rounding):  # inside a gradient: the row is one op of several
                plain = tuple(x.view(_ndarray) if isinstance(x, Rounding) else x for x in given)
                return x.kept(forward(plain, *arrays[1:], **params) if variadic else forward(*plain, **params))
        halves = [x.dtype for x in given if _is_half(x)]
        asked = params.get("dtype")
        asked = asked.numpy if isinstance(asked, dtypes.dtype) else asked if isinstance(asked, np.dtype) else None
        to_half = asked is not None and asked.itemsize == 2 and asked.kind in "Vf"
        if not halves and not to_half and not any(map(_is_half, params.values())):
            return forward(*arrays, **params)
        wide = {name: _wide(value) for name, value in params.items()}
        if to_half:
            wide["dtype"] = _SINGLE
        end: Any = None
        if asked is not None:
            end = asked if to_half else None
        elif meets and halves:
            end = halves[0]
            if not exact:
                given = [_number(x, end) for x in given]
        else:  # the first tensor of numbers with a point says what comes out
            first = next((x for x in given if type(x) is _ndarray and x.dtype.kind in "fcV"), None)
            end = first.dtype if first is not None and _is_half(first) else None
        given = tuple(map(_wide, given))
        if special is not None and end is not None and len(halves) == sum(type(x) is _ndarray for x in given):
            found = special(rounding(end).keep, *given, **wide)
            if found is not None:
                return _narrowed(found, end)
        if name in _IN_STEPS and end is not None:
            half = rounding(end)
            given = tuple(x.view(half) if type(x) is _ndarray and x.dtype is _SINGLE else x for x in given)
        out = forward(given, *arrays[1:], **wide) if variadic else forward(*given, **wide)
        return out if end is None else _narrowed(out, end)

    narrowed.narrowed = True  # type: ignore[attr-defined]
    return narrowed


def _number(x: Any, kind: Any) -> Any:
    """A number as the tensors' dtype holds it."""
    if type(x) is float or type(x) is int or (type(x) is _ndarray and not x.ndim and x.dtype is _SINGLE):
        return rounding(kind).keep(x).astype(np.float32)
    return x


def _casting(row: Op) -> Callable[..., Any]:
    """Another dtype."""
    forward = row.forward

    @functools.wraps(forward)
    def narrowed(x: Any, dtype: Any, order: str = "") -> Any:
        if dtype.kind == "V" or x.dtype.kind == "V":
            return forward(cast(x, dtype), dtype, order) if order else cast(x, dtype)
        return forward(x, dtype, order)

    narrowed.narrowed = True  # type: ignore[attr-defined]
    return narrowed


_FORWARDS: dict[str, Callable[[Op], Callable[..., Any]]] = {"_to_copy": _casting}


# -- backward ---------------------------------------------------------------------------------------------


class _Pulls(dict[int, Any]):
    """What a row's nodes do when they fire, made when one fires first; also in half precision."""

    def __init__(self, row: Op) -> None:
        self._row = row

    def __missing__(self, mask: int) -> Pull:
        quick = pull(self._row, mask)

        def either(node: Any, g: Any) -> Any:
            if _has_half(node):
                return _fire(node, g)
            return gradients(node, g, False) if quick is None else quick(node, g)

        self[mask] = either
        return either


def _half_kind(kind: Any) -> bool:
    return kind is not None and kind.itemsize == 2 and kind.kind in "Vf"


def _has_half(node: Any) -> bool:
    if _half_kind(node.dtype):
        return True
    return any(_half_kind(kind) for _, kind in node.shapes or ()) or any(_half_kind(kind) for _, kind in node.outs or ())


def _values(node: Any) -> Sequence[Any]:
    op = node.op
    if op.tracks:
        check_tracked(node)
    keeps = op.saved_names or op.saves_all or node.saved is None
    return unpack(node) if keeps and (node.saved is None or node.saved) else ()


def _raw(node: Any, g: Any, values: Sequence[Any], half: type[Rounding] | None) -> Sequence[Any]:
    """What the vjps give, or a kernel that is known to round otherwise."""
    name, params = node.op.name, node.params
    if half is not None and name in half_kernels.GRADS:
        found = half_kernels.GRADS[name](half.keep, _stripped(g), node, *map(_stripped, values))
        if found is not None:
            return found  # type: ignore[no-any-return]
    try:
        if (
            half is not None
            and name in half_kernels.NORMALISED
            and "fold" in params
            and all(_half_kind(kind) for _, kind in node.shapes or () if kind is not None)
        ):
            node.params = half_kernels.workings(half.keep, node, values[0])
        elif any(map(_is_half, params.values())):
            node.params = {name: _wide(value) for name, value in params.items()}
        return apply_vjps(node, g, values)
    finally:
        node.params = params


def _stripped(x: Any) -> Any:
    return x.view(_ndarray) if isinstance(x, Rounding) else x


def _fire(node: Any, g: Any) -> Sequence[Any]:
    """The gradients of the inputs: each computed in float32 and rounded, then un-broadcast and rounded again, as PyTorch's ops do it."""
    op = node.op
    if op.name == "copy_slices":  # it fires the node of a write, which rounds by itself
        return tuple(fitted(node, apply_vjps(node, g, ()), False))
    values = [_wide(value) for value in _values(node)]
    given = _wide(g)
    made = node.dtype if node.outs is None else node.outs[0][1]
    half = rounding(made) if _half_kind(made) else None
    if half is not None and op.name not in _WHOLE:
        values = [v.view(half) if type(v) is _ndarray and v.dtype is _SINGLE else v for v in values]
        given = given.view(half) if type(given) is _ndarray else given
    raw = _raw(node, given, values, half)
    grads: list[Any] = []
    for k, value in enumerate(raw):
        if value is None or node.edges[k] is None:
            grads.append(None)
            continue
        grad = np.asarray(value)
        shape, kind = (node.shape, node.dtype) if node.shapes is None else node.shapes[k]
        if half is not None and grad.dtype.kind == "f":
            grad = half.keep(grad)
        if grad.shape != shape:
            grad = rows.UNBROADCAST[0].forward(grad, shape)
        grads.append(grad if kind is None or grad.dtype == kind else cast(grad, kind))
    return tuple(grads)


# The rows that PyTorch computes by several ops, or by a kernel of which each step rounds.
_IN_STEPS = frozenset(
    (
        "addr",
        "ldexp",
        "binary_cross_entropy",
        "renorm",
        "xlogy",
        "smooth_l1_loss",
        "logit",
        "huber_loss",
        "special_xlog1py",
        "soft_margin_loss",
    )
)

# The rows whose gradient is one kernel of PyTorch's; that of others is computed by several ops, each of which rounds.
_WHOLE = frozenset((
    "expand", "softmax", "_safe_softmax", "log_softmax", "hardswish", "hardsigmoid", "hardtanh", "elu", "celu", "silu", "mish",
    "gelu", "softplus", "tanh", "sigmoid", "log_sigmoid", "batch_norm", "layer_norm", "group_norm", "instance_norm",
    "binary_cross_entropy", "huber_loss", "smooth_l1_loss", "mse_loss", "glu", "leaky_relu", "nll_loss",
    "nll_loss2d", "multi_margin_loss", "relu", "prelu", "softshrink", "hardshrink", "threshold", "logit", "avg_pool2d",
    "adaptive_avg_pool", "max_pool2d_with_indices", "max_pool3d_with_indices", "embedding", "upsample_bilinear2d",
    "upsample_bicubic2d", "upsample_linear1d", "upsample_trilinear3d", "_scaled_dot_product_flash_attention_for_cpu",
))  # fmt: skip

dtypes.at_first_use(begin)

__all__ = ["Rounding", "begin", "on", "rounding"]

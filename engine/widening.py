"""bfloat16 as PyTorch's CPU kernels compute it: widened to float32, one op, rounded once at the end.

Nothing of this is in the way of other dtypes: the rows learn it when a script names bfloat16 for the first time (dtypes.at_first_use).
A row's forward then looks whether one of its arrays is made of words; so do its nodes, when they fire.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes
from . import op as rows
from .bfloat16 import WORD, cast, narrow, rounded, widen
from .firing import apply_vjps, fitted
from .op import Op
from .pulls import Pull, pull
from .saved import check_tracked, unpack

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_SINGLE = np.dtype(np.float32)

on = False


def begin() -> None:
    """Let all rows learn it, and those that are made later."""
    global on
    on = True
    for row in list(rows.ROWS):
        _learn(row)
    rows.new_row.append(_learn)


def _learn(row: Op) -> None:
    if not hasattr(row.forward, "narrowed") and not row.view:
        row.forward = _FORWARDS.get(row.name, _widening)(row)
    if row.node_class.__module__ == "builtins":  # the Functions of a script are given tensors
        row.pulls = _Pulls(row)


# -- forward ----------------------------------------------------------------------------------------------


def _is_words(x: Any) -> bool:
    return type(x) is _ndarray and x.dtype.kind == "V"


def _wide(x: Any) -> Any:
    if type(x) is _ndarray:
        return widen(x) if x.dtype.kind == "V" else x
    if type(x) is tuple or type(x) is list:
        return type(x)(map(_wide, x)) if not hasattr(x, "_fields") else x
    return x


def _narrowed(out: Any) -> Any:
    if type(out) is tuple:
        return tuple(map(_narrowed, out))
    return narrow(out) if isinstance(out, (_ndarray, np.generic)) and out.dtype.kind == "f" else out


def _rounding(out: Any) -> Any:
    if type(out) is tuple:
        return tuple(map(_rounding, out))
    return rounded(out).view(Rounding) if isinstance(out, (_ndarray, np.generic)) and out.dtype.kind == "f" else out


def _widening(row: Op) -> Callable[..., Any]:
    """The row's forward, which takes arrays of words, too."""
    forward, variadic, meets = row.forward, row.variadic, bool(row.promote)

    @functools.wraps(forward)
    def narrowed(*arrays: Any, **params: Any) -> Any:
        given = arrays[0] if variadic else arrays
        if any(type(x) is Rounding for x in given):  # inside a gradient: the row is one op of several
            given = tuple(x.view(_ndarray) if type(x) is Rounding else x for x in given)
            return _rounding(forward(given, *arrays[1:], **params) if variadic else forward(*given, **params))
        words = [_is_words(x) for x in given]
        asked = params.get("dtype", False)
        asked = asked.numpy if isinstance(asked, dtypes.dtype) else asked
        if not any(words) and not (isinstance(asked, np.dtype) and asked.kind == "V") and not any(map(_is_words, params.values())):
            return forward(*arrays, **params)
        wide = {name: _wide(value) for name, value in params.items()}
        ends = meets and any(words)
        if not ends:  # the first tensor of numbers with a point says what comes out
            first = next((x for x in given if type(x) is _ndarray and x.dtype.kind in "fcV"), None)
            ends = first is not None and first.dtype.kind == "V"
        if isinstance(asked, np.dtype):
            ends = asked.kind == "V"
            if ends:
                wide["dtype"] = _SINGLE
        out = forward(tuple(map(_wide, given)), *arrays[1:], **wide) if variadic else forward(*map(_wide, arrays), **wide)
        return _narrowed(out) if ends else out

    narrowed.narrowed = True  # type: ignore[attr-defined]
    return narrowed


def _casting(row: Op) -> Callable[..., Any]:
    """Another dtype."""
    forward = row.forward

    @functools.wraps(forward)
    def narrowed(x: Any, dtype: Any) -> Any:
        if dtype.kind == "V" or _is_words(x):
            return cast(x, dtype)
        return forward(x, dtype)

    narrowed.narrowed = True  # type: ignore[attr-defined]
    return narrowed


_FORWARDS: dict[str, Callable[[Op], Callable[..., Any]]] = {"_to_copy": _casting}


# -- backward ---------------------------------------------------------------------------------------------


class Rounding(_ndarray):
    """float32 of which each function of numpy keeps what bfloat16 keeps: for gradients that PyTorch computes in several ops."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        plain = [x.view(_ndarray) if isinstance(x, Rounding) else x for x in inputs]
        if "out" in named:
            named["out"] = tuple(x.view(_ndarray) if isinstance(x, Rounding) else x for x in named["out"])
        out = getattr(ufunc, method)(*plain, **named)
        if not isinstance(out, (_ndarray, np.generic)) or out.dtype.kind != "f":
            return out
        return rounded(out).view(Rounding)


class _Pulls(dict[int, Any]):
    """What a row's nodes do when they fire, made when one fires first; also for words."""

    def __init__(self, row: Op) -> None:
        self._row = row

    def __missing__(self, mask: int) -> Pull:
        quick = pull(self._row, mask)

        def either(node: Any, g: Any) -> Any:
            if _has_words(node):
                return _fire(node, g)
            return _fire_plainly(node, g) if quick is None else quick(node, g)

        self[mask] = either
        return either


def _has_words(node: Any) -> bool:
    if node.dtype is not None and node.dtype.kind == "V":
        return True
    return any(kind is not None and kind.kind == "V" for _, kind in node.shapes or ()) or any(
        kind.kind == "V" for _, kind in node.outs or ()
    )


def _values(node: Any) -> Sequence[Any]:
    op = node.op
    if op.tracks:
        check_tracked(node)
    keeps = op.saved_names or op.saves_all or node.saved is None
    return unpack(node) if keeps and (node.saved is None or node.saved) else ()


def _fire_plainly(node: Any, g: Any) -> Sequence[Any]:
    """As `firing.fire`, for rows without a quick way."""
    return fitted(node, apply_vjps(node, g, _values(node)), False)


def _fire(node: Any, g: Any) -> Sequence[Any]:
    """The gradients of the inputs: each computed in float32 and rounded, then un-broadcast and rounded again, as PyTorch's ops do it."""
    op = node.op
    values = [_wide(value) for value in _values(node)]
    given = _wide(g)
    half = node.dtype.kind == "V" if node.outs is None else node.outs[0][1].kind == "V"
    if half and op.name not in _WHOLE:
        values = [v.view(Rounding) if type(v) is _ndarray and v.dtype is _SINGLE else v for v in values]
        given = given.view(Rounding) if type(given) is _ndarray else given
    params = node.params
    if any(map(_is_words, params.values())):
        node.params = {name: _wide(value) for name, value in params.items()}
    raw = apply_vjps(node, given, values)
    node.params = params
    grads: list[Any] = []
    for k, value in enumerate(raw):
        if value is None or node.edges[k] is None:
            grads.append(None)
            continue
        grad = np.asarray(value)
        shape, kind = (node.shape, node.dtype) if node.shapes is None else node.shapes[k]
        if half and grad.dtype.kind == "f":
            grad = rounded(grad)
        if grad.shape != shape:
            grad = rows.UNBROADCAST[0].forward(grad, shape)
        grads.append(grad if kind is None or grad.dtype == kind else cast(grad, kind))
    return tuple(grads)


# The rows whose gradient is one kernel of PyTorch's; that of others is computed by several ops, each of which rounds.
_WHOLE = frozenset((
    "expand", "softmax", "_safe_softmax", "log_softmax", "hardswish", "hardsigmoid", "hardtanh", "elu", "celu", "silu", "mish",
    "gelu", "softplus", "tanh", "sigmoid", "log_sigmoid", "batch_norm", "layer_norm", "group_norm", "instance_norm",
    "binary_cross_entropy", "huber_loss", "smooth_l1_loss", "mse_loss", "soft_margin_loss", "glu", "leaky_relu", "nll_loss",
    "nll_loss2d", "multi_margin_loss", "relu", "prelu", "softshrink", "hardshrink", "threshold", "logit", "avg_pool2d",
    "adaptive_avg_pool", "max_pool2d_with_indices", "max_pool3d_with_indices", "embedding", "upsample_bilinear2d",
    "upsample_bicubic2d", "upsample_linear1d", "upsample_trilinear3d", "_scaled_dot_product_flash_attention_for_cpu",
))  # fmt: skip

dtypes.at_first_use(begin)

__all__ = ["WORD", "begin", "on"]

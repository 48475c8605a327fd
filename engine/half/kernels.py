"""Kernels of PyTorch's CPU that round in between in half precision, measured against torch 2.13 (widening.py has the rule for all others).

A forward here is given arrays in float32, and the class that rounds them; what it returns is rounded once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.reductions.reduce import dims, spread
from .bfloat16 import rounded

Array = np.ndarray[Any, Any]
_LANES = 32  # how many numbers of half precision a vector of the processor holds


# -- forwards ---------------------------------------------------------------------------------------------


def _softmax(keep: Any, x: Array, dim: int) -> Any:
    """Along the last dimension nothing rounds in between; along others the columns behind the last whole pair of vectors do."""
    if not x.ndim:
        return np.ones((), x.dtype)
    dim %= x.ndim
    e = np.exp(x - x.max(axis=dim, keepdims=True)) if x.size else x
    total = np.add.reduce(e, axis=dim, keepdims=True)
    if dim < x.ndim - 1 and x.size:
        inner = e.reshape(*e.shape[: dim + 1], -1)
        rest = inner.shape[-1] % (2 * _LANES)
        if rest:
            inner = inner.copy()
            inner[..., -rest:] = keep(inner[..., -rest:])
            e = inner.reshape(e.shape)
    return e / total


def _log_softmax(keep: Any, x: Array, dim: int) -> Any:
    """Along the last dimension the sum and its logarithm are kept in half precision."""
    if not x.ndim or not x.size:
        return np.zeros(x.shape, x.dtype)
    moved = x - x.max(axis=dim, keepdims=True)
    total = np.add.reduce(np.exp(moved), axis=dim, keepdims=True)
    last = x.ndim > 1 and dim % x.ndim == x.ndim - 1
    return moved - (keep(np.log(keep(total))) if last else np.log(total))


def _statistics(keep: Any, x: Array, dim: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """x without its mean and divided by its deviation, both rounded, and one over that deviation."""
    mean = x.mean(axis=dim, keepdims=True)
    scale = keep(1 / np.sqrt(x.var(axis=dim, keepdims=True) + np.float32(eps)))
    return (x - keep(mean)) * scale, scale


def _batch_norm(keep: Any, x: Array, weight: Any, bias: Any, dim: Any, eps: float, at: Any, fold: Any, workings: Any = None) -> Any:
    out = _statistics(keep, x.reshape(fold), dim, eps)[0].reshape(x.shape)
    out = out if weight is None else out * weight.reshape(at)
    return out if bias is None else out + bias.reshape(at)


def _reduced(keep: Any, loss: Array, reduction: str) -> Any:
    loss = keep(loss)
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


def _mse(keep: Any, x: Array, y: Array, reduction: str) -> Any:
    difference = keep(x - y)
    return _reduced(keep, difference * difference, reduction)


def _log_sigmoid(x: Array) -> Array:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def _bce_logits(keep: Any, x: Array, y: Array, weight: Any, reduction: str, pos: Any = None) -> Any:
    soft = keep(_log_sigmoid(x))
    if pos is not None:
        soft = keep(keep(keep(keep(pos - 1) * y) + 1) * soft)
    loss = keep(keep(keep(1 - y) * x) - soft)
    return _reduced(keep, loss if weight is None else loss * weight, reduction)


def _attention(keep: Any, query: Array, key: Array, value: Array, **params: Any) -> Any:
    """The weights are rounded before they are divided by their sum."""
    heads = query.shape[1]
    k, v = (np.repeat(x, heads // x.shape[1], 1) if x.shape[1] != heads else x for x in (key, value))
    scale = params.get("scale")
    scores = np.matmul(query, k.swapaxes(-2, -1)) * np.float32(1 / np.sqrt(query.shape[-1]) if scale is None else scale)
    if params.get("is_causal"):
        scores = np.where(np.tri(*scores.shape[-2:], dtype=np.bool_), scores, np.float32(-np.inf))
    if params.get("attn_mask") is not None:
        scores = scores + params["attn_mask"]
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isneginf(top), 0, top))
    total = np.add.reduce(e, axis=-1, keepdims=True)
    return np.matmul(keep(e), v) / np.where(total == 0, 1, total)


def _logsumexp(keep: Any, x: Array, dim: Any, keepdim: bool) -> Any:
    axes = dims(dim, x.ndim)
    if not x.size:
        return None
    top = x.max(axis=axes, keepdims=True)
    top = np.where(np.isfinite(top), top, np.float32(0))
    total = keep(np.add.reduce(keep(np.exp(keep(x - top))), axis=axes, keepdims=True))
    out = keep(np.log(total)) + top
    return out if keepdim else np.squeeze(out, axis=axes)


def _power(keep: Any, x: Array, exponent: float) -> Any:
    if exponent == 3:
        return keep(x * x) * x if keep is rounded else x**3
    return None if exponent in (0, 0.5, 1, 2, -0.5, -1, -2) else np.power(x, keep(exponent))


def _rsqrt(keep: Any, x: Array) -> Any:
    root = np.sqrt(x)
    out = np.asarray(1 / root).reshape(-1)
    rest = x.size % _LANES
    if rest:
        out[-rest:] = 1 / keep(root.reshape(-1)[-rest:])
    return out.reshape(x.shape)


def _cascade(keep: Any, terms: Array) -> Any:
    """The sum of nll_loss: sixteen at a time, each level in half precision (ATen/native/LossNLL.cpp)."""
    power = max(4, (len(terms) - 1).bit_length() // 8)
    mask = (1 << power) - 1
    levels = [np.float32(0)] * 8
    for i, term in enumerate(terms):
        levels[0] = keep(levels[0] + term)
        for j in range(7):
            if i & (mask << (j * power)):
                break
            levels[j + 1], levels[j] = keep(levels[j + 1] + levels[j]), np.float32(0)
    total = np.float32(0)
    for level in levels:
        total = keep(total + level)
    return total


def _nll(keep: Any, x: Array, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    rows, at = x.reshape(-1, x.shape[-1]), target.reshape(-1)
    counts = at != ignore_index
    safe = np.where(counts, at, 0)
    shares = np.where(counts, 1 if weight is None else weight[safe], 0).astype(np.float32)
    losses = np.where(counts, keep(-rows[np.arange(len(at)), safe] * shares), np.float32(0))
    if reduction == "none":
        return losses.reshape(target.shape)
    total = _cascade(keep, losses[counts] if weight is None and not counts.all() else losses)
    if reduction == "sum":
        return total
    return total / (shares.sum() if weight is None else _cascade(keep, shares))


def add_scaled(keep: Any, a: Any, b: Any, alpha: float = 1) -> Any:
    """a + alpha * b; behind the last whole vector the product rounds, too."""
    if alpha == 1:
        return a + b
    product = np.asarray(keep(alpha) * b)
    rest = np.broadcast(a, b).size % _LANES
    if rest and product.shape == np.shape(a):
        flat = product.reshape(-1)
        flat[-rest:] = keep(flat[-rest:])
        product = flat.reshape(product.shape)
    return a + product


FORWARDS: dict[str, Callable[..., Any]] = {
    "softmax": _softmax, "log_softmax": _log_softmax, "mse_loss": _mse, "add": add_scaled, "logsumexp": _logsumexp, "pow": _power, "rsqrt": _rsqrt, "nll_loss": _nll, "binary_cross_entropy_with_logits": _bce_logits,
    "sub": lambda keep, a, b, alpha=1: add_scaled(keep, a, b, -alpha), "batch_norm": _batch_norm, "instance_norm": _batch_norm, "_scaled_dot_product_flash_attention_for_cpu": _attention,
}  # fmt: skip


def of(row: Any) -> Callable[..., Any] | None:
    """The forward that stands for a row's; of several rows of one name PyTorch has one that rounds."""
    if (row.name == "pow" and row.inputs != ("x",)) or (row.name == "batch_norm" and len(row.inputs) > 3):
        return None
    return FORWARDS.get(row.name)


# -- gradients --------------------------------------------------------------------------------------------


def _mse_grads(keep: Any, g: Array, node: Any, x: Array, y: Array) -> tuple[Any, Any]:
    factor = keep(2 / np.broadcast(x, y).size) if node.params["reduction"] == "mean" else np.float32(2)
    grad = keep(factor * keep(x - y)) * g
    return grad, -grad


def _bce_logits_grads(keep: Any, g: Array, node: Any, x: Array, y: Array, weight: Any) -> Any:
    pos = node.params.get("pos")
    if node.edges[1] is not None:
        return None
    soft = keep(1 / (1 + np.exp(-x)))
    if pos is None:
        grad = keep(keep(soft - y) * g)
    else:
        share = keep(pos * y)
        grad = keep(keep(keep(keep(keep(share + 1) - y) * soft) - share) * g)
    grad = grad if weight is None else keep(grad * weight)
    return (grad / np.float32(grad.size) if node.params["reduction"] == "mean" else grad), None, None


def _variance_grad(keep: Any, g: Array, node: Any, x: Array) -> tuple[Any]:
    params = node.params
    axes = dims(params["dim"], x.ndim)
    count = x.size // max(np.add.reduce(x, axis=axes, keepdims=True).size, 1)
    left = count - params["correction"]
    grown = spread(keep(g * np.float32(2 / left if left > 0 else np.nan)), x.shape, params["dim"], params["keepdim"])
    return (grown * keep(x - keep(x.mean(axis=axes, keepdims=True))),)


def _deviation_grad(keep: Any, g: Array, node: Any, x: Array, result: Array) -> tuple[Any]:
    return _variance_grad(keep, np.where(result == 0, np.float32(0), keep(g / keep(result * 2))), node, x)


def _embedding_grad(keep: Any, g: Array, node: Any) -> Any:
    """The rows are added one after the other, and each sum rounds."""
    params = node.params
    if params["by_count"]:
        return None
    at = params["indices"].reshape(-1)
    given = g.reshape(at.size, -1)
    places = np.flatnonzero(at != params["padding_idx"])
    order = places[np.argsort(at[places], kind="stable")]
    starts = np.flatnonzero(np.diff(at[order], prepend=-1))
    turn = np.arange(order.size) - np.repeat(starts, np.diff(starts, append=order.size))
    out = np.zeros((params["rows"], given.shape[1]), np.float32)
    for k in range(int(turn.max(initial=-1)) + 1):
        now = order[turn == k]
        out[at[now]] = keep(out[at[now]] + given[now])
    return (out,)


def _sigmoid_grad(keep: Any, g: Array, node: Any, result: Array) -> tuple[Any]:
    if keep is rounded:
        return (g * (1 - result) * result,)
    return (keep(g * keep(1 - result)) * result,)


def _rsqrt_grad(keep: Any, g: Array, node: Any, result: Array) -> tuple[Any]:
    return (keep(g * np.float32(-0.5)) * keep(_power(keep, result, 3)),)


def _log_sigmoid_grad(keep: Any, g: Array, node: Any, x: Array) -> tuple[Any]:
    z = keep(np.exp(-np.abs(x)))  # kept by the forward
    share = z / (1 + z)
    return (np.where(x < 0, 1 - share, share) * g,)


def _glu_grad(keep: Any, g: Array, node: Any, x: Array) -> tuple[Any]:
    a, b = np.split(x, 2, axis=node.params["dim"])
    s = keep(1 / (1 + np.exp(-b)))
    return (np.concatenate([s * g, (1 - s) * s * g * a], axis=node.params["dim"]),)


def _bce_grads(keep: Any, g: Array, node: Any, x: Array, y: Array, weight: Any = None) -> Any:
    if node.edges[1] is not None or weight is not None:
        return None
    grad = keep(keep(g * keep(x - y)) / keep(keep(1 - x) * x))
    return (grad / np.float32(grad.size) if node.params["reduction"] == "mean" else grad), *(None,) * (len(node.edges) - 1)


GRADS: dict[str, Callable[..., Any]] = {
    "mse_loss": _mse_grads, "binary_cross_entropy_with_logits": _bce_logits_grads, "var": _variance_grad, "std": _deviation_grad,
    "embedding": _embedding_grad, "glu": _glu_grad, "sigmoid": _sigmoid_grad, "rsqrt": _rsqrt_grad, "log_sigmoid": _log_sigmoid_grad, "binary_cross_entropy": _bce_grads,
}  # fmt: skip


def workings(keep: Any, node: Any, x: Array) -> dict[str, Any]:
    """The params of a normalisation whose gradient starts from the rounded statistics that its forward kept."""
    params = node.params
    return {**params, "workings": [_statistics(keep, x.reshape(params["fold"]), params["dim"], params["eps"])]}


NORMALISED = frozenset(("batch_norm", "instance_norm", "layer_norm", "group_norm"))

__all__ = ["GRADS", "NORMALISED", "add_scaled", "of", "workings"]

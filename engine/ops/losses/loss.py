"""Losses of numbers: squared and absolute differences, two classes, distances (torch.nn.functional). Of more classes: class_losses.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import dtypes
from ...dtypes import result_type
from ...errors import cannot_broadcast, sizes, target_cannot_hold, target_too_small
from ...half.bfloat16 import cast, readable
from ...memory.computed import computed
from ...memory.inplace import overwrite
from ...modes import no_grad, warn
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..fill import told_leaf
from ..pointwise import refusals
from ..pointwise.elementwise import abs_, add_number, exp, log, sigmoid, sign, sub_number, where, zeros_as
from ..underived import without_gradient


def reduced(x: Any, reduction: str) -> Any:
    """none, mean or sum of a loss; PyTorch's error for other words."""
    if reduction == "mean":
        return x.mean()
    if reduction == "sum":
        return x.sum()
    if reduction == "none":
        return x
    raise ValueError(f"{reduction} is not a valid value for reduction")


def known(reduction: str) -> str:
    """The word, where it is one for a reduction."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def legacy_reduction(reduction: str, size_average: Any, reduce: Any) -> str:
    """The reduction that the arguments of PyTorch 0.4 ask for, where one of them is given."""
    if size_average is None and reduce is None:
        return known(reduction)
    asked = "none" if reduce is False else "mean" if size_average in (None, True) else "sum"
    warn(f"size_average and reduce args will be deprecated, please use reduction='{asked}' instead.")
    return asked


def _scale(g: Any, count: int, reduction: str) -> Any:
    return g / count if reduction == "mean" else g


def _total(x: Any, reduction: str) -> Any:
    if reduction == "none":
        return x
    total = np.add.reduce(x, axis=None)
    return total / x.dtype.type(x.size) if reduction == "mean" and x.size else total if reduction == "sum" else total * np.nan


def _loss(name: str, value: Any, slope: Any, formula: str, **more: Any) -> Op:
    """A loss of input and target whose element is value(x, y) and whose derivative in x is slope(x, y) (and -slope in y)."""
    return Op(
        name, lambda x, y, reduction="mean", **k: _total(value(x, y, **k), reduction), inputs=("x", "y"),
        vjps=(
            lambda g, x, y, node, reduction: _scale(g, _size(x, y), reduction) * slope(x, y, **_rest(node)),
            lambda g, x, y, node, reduction: -(_scale(g, _size(x, y), reduction) * slope(x, y, **_rest(node))),
        ),
        formulas=(formula.replace("Q", "x"), "-" + formula.replace("Q", "y")), promote="same", **more,
    )  # fmt: skip


def _size(x: Any, y: Any) -> int:
    return math.prod(np.broadcast_shapes(tuple(x.shape), tuple(y.shape)))


def _rest(node: Any) -> dict[str, Any]:
    return {k: v for k, v in node.params.items() if k != "reduction"}


mse = _loss(
    "mse_loss",
    lambda x, y: (x - y) * (x - y),
    lambda x, y: (x - y) * 2,
    r"\bar{Q} = \frac{2}{n}(x - y)\,\bar{z}",
    check=refusals.not_whole("mse_cpu"),
)


def _huber(x: Any, y: Any, delta: float) -> Any:
    d = np.abs(x - y)
    return np.where(d < delta, 0.5 * d * d, x.dtype.type(delta) * (d - x.dtype.type(0.5 * delta))).astype(x.dtype)


def _huber_slope(x: Any, y: Any, delta: float) -> Any:
    d = x - y
    return where(abs_(d) >= delta, sign(d) * delta, d)


huber = _loss(
    "huber_loss", _huber, _huber_slope, r"\bar{Q} = \mathrm{clip}(x-y, \pm\delta)\,\bar{z}/n", check=refusals.not_whole("huber_cpu")
)


def _refuse_unlike(which: int) -> Any:
    """The gradient of a loss whose input and target differ in dtype: PyTorch finds that out in backward."""

    def vjp(g: Any, names: tuple[str, str]) -> Any:
        raise RuntimeError(f"Found dtype {names[1 - which]} but expected {names[which]}")

    return vjp


huber_unlike = Op(
    "huber_loss", lambda x, y, reduction, delta, names: _total(_huber(x, y, delta), reduction), inputs=("x", "y"),
    vjps=(_refuse_unlike(0), _refuse_unlike(1)), formulas=huber.formulas,
)  # fmt: skip


def _smooth(x: Any, y: Any, beta: float) -> Any:
    d = np.abs(x - y)
    if beta == 0:
        return d
    return np.where(d < beta, 0.5 * d * d / x.dtype.type(beta), d - x.dtype.type(0.5 * beta)).astype(x.dtype)


def _smooth_slope(x: Any, y: Any, beta: float) -> Any:
    d = x - y
    return sign(d) if beta == 0 else where(abs_(d) >= beta, sign(d), d / beta)


smooth_l1 = _loss(
    "smooth_l1_loss",
    _smooth,
    _smooth_slope,
    r"\bar{Q} = \mathrm{clip}((x-y)/\beta, \pm 1)\,\bar{z}/n",
    check=refusals.not_whole("smooth_l1_cpu"),
)


def _matched(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    if input._data.shape != target._data.shape:
        warn(
            f"Using a target size ({target.shape!r}) that is different to the input size ({input.shape!r}). This will likely lead to "
            "incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
        )
        shape = _broadcast(input, target)
        return input.expand(shape), target.expand(shape)
    del name
    return input, target


def _broadcast(input: Any, target: Any) -> tuple[int, ...]:
    from ...errors import cannot_broadcast

    problem = cannot_broadcast(input._data.shape, target._data.shape)
    if problem is not None:
        raise problem
    return np.broadcast_shapes(input._data.shape, target._data.shape)


def _typed(row: Op, input: Any, target: Any, params: dict[str, Any]) -> Any:
    if input._data.dtype is not target._data.dtype and input._data.dtype.kind in "fV":
        target = (
            target.to(input.dtype)
            if target._data.dtype.itemsize <= input._data.dtype.itemsize or target._data.dtype.kind not in "fV"
            else target
        )
    return apply(row, (input, target), params)


@export("functional", "mse_loss")
def mse_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Any:
    """Mean of squared differences."""
    x, y = _matched("mse_loss", input, target)
    reduction = legacy_reduction(reduction, size_average, reduce)
    if weight is not None:
        if weight._data.shape != x._data.shape:
            raise ValueError("Weights and input must have the same size.")
        squared = _typed(mse, x, y, {"reduction": "none"}) * weight
        return squared.sum() / weight.sum() if reduction == "mean" else reduced(squared, reduction)
    return _typed(mse, x, y, {"reduction": reduction})


@export("functional", "l1_loss")
def l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Any:
    """Mean of absolute differences."""
    x, y = _matched("l1_loss", input, target)
    return reduced((x - y).abs(), legacy_reduction(reduction, size_average, reduce))


@export("functional", "smooth_l1_loss")
def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """Squared near zero, absolute far away."""
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    x, y = _matched("smooth_l1_loss", input, target)
    if beta == 0:
        return l1_loss(x, y, size_average, reduce, reduction)
    return apply(smooth_l1, (x, y), {"reduction": legacy_reduction(reduction, size_average, reduce), "beta": float(beta)})


@export("functional", "huber_loss")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """As smooth_l1_loss, scaled by delta."""
    if not delta > 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    x, y = _matched("huber_loss", input, target)
    if x._data.dtype.kind not in "fV":
        if y._data.dtype.kind in "fV":
            raise target_cannot_hold(y.dtype, x.dtype)
        refusals.not_whole("huber_cpu")(x._data, y._data)
    params = {"reduction": known(reduction), "delta": float(delta)}
    if x._data.dtype == y._data.dtype:
        return apply(huber, (x, y), params)
    names = (x.dtype.scalar_name, y.dtype.scalar_name)
    return apply(huber_unlike, (x, y if y._data.dtype.kind in "fV" else y.to(x.dtype)), {**params, "names": names})


# -- two classes ---------------------------------------------------------------------------------------


def _bce(x: Any, y: Any) -> Any:
    # PyTorch keeps the logarithms at or above -100
    return (y - 1) * np.maximum(np.log1p(-x), -100) - y * np.maximum(np.log(x), -100)


def _floor(x: Any, low: float) -> Any:
    if not isinstance(x, Tensor):
        return np.maximum(x, low)
    return where(x > low, x, zeros_as(x) + low)


@export("functional", "binary_cross_entropy")
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Cross-entropy of probabilities."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    if input._data.shape != target._data.shape:
        raise ValueError(
            f"Using a target size ({target.shape!r}) that is different to the input size ({input.shape!r}) is deprecated. "
            "Please ensure they have the same size."
        )
    without_gradient("binary_cross_entropy", weight=weight)
    if not ((readable(input._data) >= 0) & (readable(input._data) <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    if ((readable(target._data) < 0) | (readable(target._data) > 1)).any():
        raise RuntimeError("all elements of target should be between 0 and 1")
    if weight is not None and cannot_broadcast(weight._data.shape, input._data.shape) is not None:
        have, want = weight._data.shape, input._data.shape
        at = next(k for k in range(1, len(have) + 1) if k > len(want) or have[-k] not in (1, want[-k]))
        raise RuntimeError(
            f"Attempting to broadcast a dimension of length {have[-at]} at -{at}! Mismatching argument at index 1 had {weight.shape!r}; but "
            f"expected shape should be broadcastable to {list(want)}"
        )
    if target._data.dtype is not input._data.dtype:
        raise RuntimeError(f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}")
    if weight is not None:
        common = np.broadcast_shapes(input._data.shape, weight._data.shape)
        if common != input._data.shape:
            raise target_too_small(input._data.shape, common)
    if input._data.dtype.kind not in "fV":
        raise NotImplementedError(f"\"binary_cross_entropy\" not implemented for '{input.dtype.scalar_name}'")
    return apply(bce, (input, target, weight), {"reduction": reduction})


def _weighed(x: Any, weight: Any) -> Any:
    return x if weight is None else x * weight


bce = Op(
    "binary_cross_entropy", lambda x, y, weight, reduction: _total(np.asarray(_weighed(_bce(x, y), weight), x.dtype), reduction),
    inputs=("x", "y", "weight"),
    vjps=(
        lambda g, x, y, weight, reduction: _weighed(_scale(g, _size(x, y), reduction) * ((x - y) / _floor((1 - x) * x, 1e-12)), weight),
        lambda g, x, y, weight, reduction: _weighed(_scale(g, _size(x, y), reduction) * (log(1 - x) - log(x)), weight),
        None,
    ),
    formulas=(r"\bar{x} = \frac{x-y}{n\,x(1-x)}\,\bar{z}", r"\bar{y} = \frac{\bar{z}}{n}\ln\frac{1-x}{x}"),
)  # fmt: skip


def _bce_logits(x: Any, y: Any, pos: Any) -> Any:
    soft = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    if pos is None:
        return (1 - y) * x + soft
    return (1 - y) * x + (1 + (pos - 1) * y) * soft


def _logits_slope(x: Any, y: Any, pos: Any) -> Any:
    if pos is None:
        return sigmoid(x) - y
    p = pos if isinstance(x, np.ndarray) else Tensor._of(pos)
    weight = (p - 1) * y + 1
    return (1 - y) - weight * sigmoid(-x)


bce_logits = Op(
    "binary_cross_entropy_with_logits",
    lambda x, y, weight, reduction, pos=None: _total(_weighed(_bce_logits(x, y, pos).astype(y.dtype), weight).astype(y.dtype, copy=False), reduction),
    inputs=("x", "y", "weight"),
    vjps=(
        lambda g, x, y, weight, reduction, pos: _weighed(_scale(g, _size(x, y), reduction) * _logits_slope(x, y, pos), weight),
        lambda g, x, y, weight, reduction, pos: _weighed(
            _scale(g, _size(x, y), reduction) * (-x + 0 if pos is None else _pos_target(x, pos)), weight
        ),
        None,
    ),
    formulas=(r"\bar{x} = \frac{\bar{z}}{n}(\sigma(x) - y)", r"\bar{y} = -\frac{\bar{z}}{n}\,x"),
)  # fmt: skip


def _pos_target(x: Any, pos: Any) -> Any:
    p = pos if isinstance(x, np.ndarray) else Tensor._of(pos)
    soft = log(exp(-abs_(x)) + 1) + where(x < 0, -x, zeros_as(x))
    return (p - 1) * soft - x


@export("functional", "binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Cross-entropy of logits, without overflow."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    if input._data.shape != target._data.shape:
        raise ValueError(f"Target size ({target.shape!r}) must be the same as input size ({input.shape!r})")
    without_gradient("binary_cross_entropy_with_logits", weight=weight, pos_weight=pos_weight)
    if pos_weight is not None:
        refusals.no_bools(pos_weight._data, 1)
        told = cannot_broadcast(pos_weight._data.shape, input._data.shape)
        if told is not None:
            raise told
        common = np.broadcast_shapes(input._data.shape, pos_weight._data.shape)
        if common != input._data.shape:
            raise target_too_small(input._data.shape, common)
    if input._data.dtype.kind not in "fV":
        raise NotImplementedError(f"\"log_sigmoid_cpu\" not implemented for '{input.dtype.scalar_name}'")
    refusals.no_bools(target._data, target._data)
    if target._data.dtype.kind not in "fV":  # PyTorch computes in the target's memory
        raise RuntimeError(f"result type Float can't be cast to the desired output type {target.dtype.scalar_name}")
    params = {"reduction": reduction, "pos": None if pos_weight is None else pos_weight._data}
    return apply(bce_logits, (input, target, weight), params)


# -- losses made of ops ----------------------------------------------------------------------------------


@export("functional", "kl_div")
def kl_div(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False) -> Any:
    """target * (log target - input)."""
    if reduction == "mean":
        warn(_NOT_BY_BATCH)
    if input._data.dtype.kind not in "fcV" or target._data.dtype.kind not in "fcV":
        raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        out = target.exp() * (target - input)
    else:
        out = target.xlogy(target) - target * input
    if reduction == "batchmean":
        return out.sum() / input._data.shape[0] if input._data.ndim else out.sum()
    return reduced(out, legacy_reduction(reduction, size_average, reduce))


_NOT_BY_BATCH = (
    "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and "
    "aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release."
)


@export("functional", "soft_margin_loss")
def soft_margin_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """log(1 + exp(-y x))."""
    without_gradient("soft_margin_loss", target=target)
    common = (
        np.broadcast_shapes(input._data.shape, target._data.shape)
        if cannot_broadcast(input._data.shape, target._data.shape) is None
        else ()
    )
    if common and common != input._data.shape:
        raise target_too_small(input._data.shape, common)
    if input._data.dtype.kind not in "fV":
        raise target_cannot_hold(dtypes.float32 if target._data.dtype.kind not in "fV" else target.dtype, input.dtype)
    if target._data.dtype != input._data.dtype:
        target = target.to(input.dtype)
    return apply(soft_margin, (input, target), {"reduction": legacy_reduction(reduction, size_average, reduce)})


def _soft_margin_vjp(g: Any, x: Any, y: Any, reduction: str) -> Any:
    """PyTorch's way: nan where exp(-x y) is beyond the dtype, as the loss itself is infinite there."""
    z = exp(-(x * y))
    return -(y * z) / (z + 1) * _scale(g, _size(x, y), reduction)


soft_margin = Op(
    "soft_margin_loss", lambda x, y, reduction: _total(np.log1p(np.exp(-(x * y))), reduction), inputs=("x", "y"),
    vjps=(_soft_margin_vjp, None), formulas=(r"\bar{x} = -\frac{\bar{z}}{n}\,y\,\sigma(-xy)",), promote="float",
)  # fmt: skip


@export("functional", "margin_ranking_loss")
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """max(0, -y (a - b) + margin)."""
    if input1._data.ndim != target._data.ndim or input2._data.ndim != target._data.ndim:
        raise RuntimeError(
            f"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {input1.shape!r}, input2: {input2.shape!r}, target: {target.shape!r} "
        )
    gap = apply(add_number, (-target * (input1 - input2), float(margin)))
    return reduced(gap.clamp_min(0), legacy_reduction(reduction, size_average, reduce))


@export("functional", "hinge_embedding_loss")
def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """x where y is 1, max(0, margin - x) where y is -1."""
    zeros = told_leaf(np.zeros((), input._data.dtype))
    near = _choose(target, lambda t: t != -1, input, zeros)
    far = _choose(
        target, lambda t: t != 1, (told_leaf(cast(np.full(input._data.shape, margin), input._data.dtype)) - input).clamp_min(0), zeros
    )
    return reduced(far + near, legacy_reduction(reduction, size_average, reduce))


def _choose(target: Any, holds: Any, a: Any, b: Any) -> Any:
    """a where a target is so, b elsewhere."""
    told = cannot_broadcast(target._data.shape, a._data.shape)
    if told is not None:
        raise told
    shape = np.broadcast_shapes(target._data.shape, a._data.shape)
    return apply(where, (Tensor._of(computed(lambda t: np.broadcast_to(holds(readable(t)), shape), target)), a, b))


@export("functional", "poisson_nll_loss")
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """Negative log-likelihood of a Poisson count."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(Tensor._of(computed(lambda t: readable(t) <= 1, target)), 0)
    return reduced(loss, legacy_reduction(reduction, size_average, reduce))


@export("functional", "gaussian_nll_loss")
def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Any:
    """Negative log-likelihood of a normal value with a predicted variance."""
    if reduction not in {"none", "mean", "sum"}:
        raise ValueError(f"{reduction} is not valid")
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input * 0 + var
    if (readable(var._data) < 0).any():
        raise ValueError("var has negative entry/entries")
    if var._data.shape != input._data.shape:
        if input._data.shape[:-1] == var._data.shape:
            var = var.unsqueeze(-1)
        else:
            pairs = zip(input._data.shape, var._data.shape, strict=False)
            if input._data.ndim != var._data.ndim or sum(m for n, m in pairs if n != m) != 1:  # one dimension that is stretched
                raise ValueError("var is of incorrect size")
    kept = var.clone()  # clamped without touching the gradient, as PyTorch does
    with no_grad():
        kept.clamp_(min=eps)
    loss = 0.5 * (kept.log() + (input - target) ** 2 / kept)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


@export("functional torch", "cosine_similarity")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Inner product of the directions."""
    from ..reductions.norms import vector_norm

    if not eps >= 0:
        raise RuntimeError(f"eps must be non-negative, got: {eps:g}")
    told = cannot_broadcast(x1._data.shape, x2._data.shape)
    if told is not None:
        raise told
    common = result_type((x1._data, x2._data))
    if common.category < 2:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {common.scalar_name}")
    shape = np.broadcast_shapes(x1._data.shape, x2._data.shape)
    a, b = (x if x._data.shape == shape else x.expand(shape) for x in (x1.to(common), x2.to(common)))
    lengths = []
    for v in (a, b):
        lengths.append(vector_norm(v, 2, dim, True).clone())
        if (readable(lengths[-1]._data) < eps).any():
            longer = np.maximum(readable(lengths[-1]._data), readable(cast(np.asarray(eps), common.numpy)))
            overwrite(lengths[-1], longer)  # autograd does not hear of it
    return ((a / lengths[0]) * (b / lengths[1])).sum(dim)


@export("functional", "cosine_embedding_loss")
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """1 - cos where y is 1, max(0, cos - margin) where y is -1."""
    n = target._data.ndim
    if n < 2 and not input1._data.ndim == input2._data.ndim == n + 1:
        raise RuntimeError(
            f"{n}D target tensor expects {n + 1}D input tensors, but found inputs with sizes {list(input1._data.shape)} and "
            f"{list(input2._data.shape)}."
        )
    if n > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    d = input1._data.ndim - 1
    eps = 1e-12
    prod = (input1 * input2).sum(d)
    mag1, mag2 = (apply(add_number, ((x * x).sum(d), eps)) for x in (input1, input2))
    cos = prod / (mag1 * mag2).sqrt()
    zeros = told_leaf(np.zeros((), cos._data.dtype))
    near = _choose(target, lambda t: t == 1, told_leaf(cast(np.ones(cos._data.shape, np.float32), cos._data.dtype)) - cos, zeros)
    far = _choose(target, lambda t: t == -1, apply(sub_number, (cos, margin)).clamp_min(0), zeros)
    return reduced(near + far, legacy_reduction(reduction, size_average, reduce))


@export("functional torch", "pairwise_distance")
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """Norm of the difference along the last dimension."""
    from ..reductions.norms import rows_norm

    return apply(rows_norm, (apply(add_number, (x1 - x2, eps)),), {"ord": float(p), "dim": -1, "keepdim": keepdim})


@export("functional", "triplet_margin_loss")
def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """max(0, d(a, p) - d(a, n) + margin)."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    _same_dims(anchor, positive, negative, margin)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))
    return reduced((apply(add_number, (near, margin)) - far).clamp_min(0), reduction)


def _same_dims(anchor: Any, positive: Any, negative: Any, margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    a, p, n = (t._data.ndim for t in (anchor, positive, negative))
    if not a == p == n:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {a}D, positive {p}D, and negative {n}D inputs"
        )


@export("functional", "triplet_margin_with_distance_loss")
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Any = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """triplet_margin_loss with a distance of the user's own."""
    known(reduction)
    _same_dims(anchor, positive, negative, margin)
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return reduced((margin + near - far).clamp_min(0), reduction)


__all__ = ["sizes"]

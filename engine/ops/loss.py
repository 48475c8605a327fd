"""Losses (torch.nn.functional)."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ..dtypes import result_type
from ..errors import cannot_broadcast, sizes
from ..namespace import export
from ..op import Op, apply
from ..tensor import Tensor
from . import refusals
from .elementwise import abs_, exp, log, sigmoid, sign, where, zeros_as
from .softmax import log_softmax_row, must_float


def reduced(x: Any, reduction: str) -> Any:
    """none, mean or sum of a loss; PyTorch's error for other words."""
    if reduction == "mean":
        return x.mean()
    if reduction == "sum":
        return x.sum()
    if reduction == "none":
        return x
    raise ValueError(f"{reduction} is not a valid value for reduction")


def _known(reduction: str) -> str:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _legacy(reduction: str, size_average: Any, reduce: Any) -> str:
    if size_average is None and reduce is None:
        return _known(reduction)
    if reduce is False:
        return "none"
    return "mean" if size_average in (None, True) else "sum"


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
    return where(abs_(d) < delta, d, sign(d) * delta)


huber = _loss(
    "huber_loss", _huber, _huber_slope, r"\bar{Q} = \mathrm{clip}(x-y, \pm\delta)\,\bar{z}/n", check=refusals.not_whole("huber_cpu")
)


def _smooth(x: Any, y: Any, beta: float) -> Any:
    d = np.abs(x - y)
    if beta == 0:
        return d
    return np.where(d < beta, 0.5 * d * d / x.dtype.type(beta), d - x.dtype.type(0.5 * beta)).astype(x.dtype)


def _smooth_slope(x: Any, y: Any, beta: float) -> Any:
    d = x - y
    return sign(d) if beta == 0 else where(abs_(d) < beta, d / beta, sign(d))


smooth_l1 = _loss(
    "smooth_l1_loss",
    _smooth,
    _smooth_slope,
    r"\bar{Q} = \mathrm{clip}((x-y)/\beta, \pm 1)\,\bar{z}/n",
    check=refusals.not_whole("smooth_l1_cpu"),
)


def _matched(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    if input._data.shape != target._data.shape:
        warnings.warn(
            f"Using a target size ({target.shape!r}) that is different to the input size ({input.shape!r}). This will likely lead to "
            "incorrect results due to broadcasting. Please ensure they have the same size.",
            UserWarning,
            stacklevel=3,
        )
        shape = _broadcast(input, target)
        return input.expand(shape), target.expand(shape)
    del name
    return input, target


def _broadcast(input: Any, target: Any) -> tuple[int, ...]:
    from ..errors import cannot_broadcast

    problem = cannot_broadcast(input._data.shape, target._data.shape)
    if problem is not None:
        raise problem
    return np.broadcast_shapes(input._data.shape, target._data.shape)


def _typed(row: Op, input: Any, target: Any, params: dict[str, Any]) -> Any:
    if input._data.dtype is not target._data.dtype and input._data.dtype.kind == "f":
        target = (
            target.to(input.dtype)
            if target._data.dtype.itemsize <= input._data.dtype.itemsize or target._data.dtype.kind != "f"
            else target
        )
    return apply(row, (input, target), params)


@export("functional", "mse_loss")
def mse_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Any:
    """Mean of squared differences."""
    x, y = _matched("mse_loss", input, target)
    reduction = _legacy(reduction, size_average, reduce)
    if weight is not None:
        squared = _typed(mse, x, y, {"reduction": "none"}) * weight
        return squared.sum() / weight.sum() if reduction == "mean" else reduced(squared, reduction)
    return _typed(mse, x, y, {"reduction": reduction})


@export("functional", "l1_loss")
def l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Any:
    """Mean of absolute differences."""
    x, y = _matched("l1_loss", input, target)
    return reduced((x - y).abs(), _legacy(reduction, size_average, reduce))


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
    return apply(smooth_l1, (x, y), {"reduction": _legacy(reduction, size_average, reduce), "beta": float(beta)})


@export("functional", "huber_loss")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """As smooth_l1_loss, scaled by delta."""
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    x, y = _matched("huber_loss", input, target)
    return apply(huber, (x, y), {"reduction": _known(reduction), "delta": float(delta)})


# -- classification ------------------------------------------------------------------------------------


def _pick_classes(x: Any, target: Any, weight: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """-x at the target class with its weight; x is (N, C), target (N,)."""
    valid = target != ignore_index
    safe = np.where(valid, target, 0)
    w = np.ones(len(target), x.dtype) if weight is None else weight[safe]
    w = np.where(valid, w, 0).astype(x.dtype)
    return -x[np.arange(len(target)), safe] * w, w, safe


def _nll(x: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    losses, w, _ = _pick_classes(x, target, weight, ignore_index)
    losses = np.where(w == 0, 0, losses).astype(x.dtype) if ignore_index is not None else losses
    if reduction == "none":
        return losses
    total = losses.sum(dtype=x.dtype)
    return total / w.sum(dtype=x.dtype) if reduction == "mean" else total


def _nll_slope(shape: Any, dtype: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    valid = target != ignore_index
    safe = np.where(valid, target, 0)
    w = np.ones(len(target), dtype) if weight is None else weight[safe].astype(dtype)
    w = np.where(valid, w, 0).astype(dtype)
    out = np.zeros(shape, dtype)
    out[np.arange(len(target)), safe] = -w / w.sum() if reduction == "mean" else -w
    return out


def _nll_vjp(g: Any, x_shape: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    data = g if isinstance(g, np.ndarray) else g._data
    slope = _nll_slope(tuple(x_shape), data.dtype, target, weight, reduction, ignore_index)
    grown = g.reshape(-1, 1) if reduction == "none" else g
    return grown * (slope if isinstance(g, np.ndarray) else Tensor(slope))


nll = Op("nll_loss", _nll, vjps=(_nll_vjp,), formulas=(r"\bar{x}_{i,y_i} = -\frac{w}{\sum w}\,\bar{z}",))
nll2d = Op("nll_loss2d", _nll, grad_fn="NllLoss2DBackward0", vjps=(_nll_vjp,), formulas=(r"\bar{x}_{i,y_i} = -\frac{w}{\sum w}\,\bar{z}",))


@export("functional", "nll_loss")
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Minus the log-probability of the target class."""
    x, shape = input, target._data.shape
    classes = x._data.shape[min(1, x._data.ndim - 1)] if x._data.ndim else 0
    _check_target(input, target, classes, ignore_index)
    if x._data.ndim == 1:
        x = x.reshape(1, -1)
    elif x._data.ndim > 2:
        x = x.movedim(1, -1).reshape(-1, classes)
    params = {
        "target": target._data.reshape(-1), "weight": None if weight is None else weight._data, "reduction": _legacy(reduction, size_average, reduce),
        "ignore_index": ignore_index,
    }  # fmt: skip
    out = apply(nll2d if input._data.ndim > 2 else nll, (x,), params)
    return out.reshape(shape) if params["reduction"] == "none" else out


def _check_target(input: Any, target: Any, classes: int, ignore_index: int) -> None:
    """What nll_loss_nd, nll_loss and nll_loss2d ask of a target, in their order (ATen/native/LossNLL.cpp, LossNLL2d.cpp)."""
    x, t = input._data, target._data
    if not x.ndim:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    first = t.shape[0] if t.ndim else 0
    if x.ndim != 1 and x.shape[0] != first:
        raise ValueError(f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({first}).")
    if x.ndim <= 2:
        if t.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target.dtype.name not in ("int64", "uint8"):
            raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
        if x.ndim == 1 and t.ndim == 1 and t.shape[0] != 1:
            raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {t.shape[0]}")
        if x.ndim == 2 and not t.ndim:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    else:
        if x.ndim != 4 and t.shape[1:] != x.shape[2:]:
            raise RuntimeError(f"Expected target size {[x.shape[0], *x.shape[2:]]}, got {list(t.shape)}")
        if x.ndim == 4 and t.ndim != 3:
            raise RuntimeError(f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {t.ndim}")
        if target.dtype.name not in ("int64", "uint8"):
            raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
        if x.ndim == 4 and t.shape[1:] != x.shape[2:]:
            raise RuntimeError(f"size mismatch (got input: {list(x.shape)} , target: {list(t.shape)}")
        if target.dtype.name != "int64":
            raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    bad = t[(t != ignore_index) & ((t < 0) | (t >= classes))]
    if bad.size:
        raise IndexError(f"Target {bad.flat[0]} is out of bounds.")


@export("functional", "cross_entropy")
def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """log_softmax, then nll_loss; target may be class numbers or probabilities."""
    reduction = _legacy(reduction, size_average, reduce)
    dim = 0 if input._data.ndim == 1 else 1
    soft = input._data.shape == target._data.shape
    if soft and target._data.dtype.kind != "f":
        raise RuntimeError(f"Expected floating point type for target with class probabilities, got {target.dtype.scalar_name}")
    if soft and ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    if not input._data.ndim:
        some = "Dimension specified as 1 but tensor has no dimensions"
        raise IndexError(some if soft else "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    must_float("log_softmax", input, dim)
    logp = apply(log_softmax_row, (input,), {"dim": dim})
    if soft:
        return _soft_cross_entropy(logp, target, weight, reduction, label_smoothing, dim)
    loss = nll_loss(logp, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return loss
    classes = input._data.shape[dim]
    w = None if weight is None else weight.reshape((1,) * dim + (-1,) + (1,) * (input._data.ndim - dim - 1))
    smooth = -(logp if w is None else logp * w).sum(dim)
    ignored = Tensor(target._data == ignore_index)
    smooth = smooth.masked_fill(ignored, 0.0)
    if reduction == "mean":
        if weight is None:
            count = int((target._data != ignore_index).sum())
            smooth = smooth.sum() / count
        else:
            safe = np.where(target._data == ignore_index, 0, target._data)
            smooth = smooth.sum() / float((weight._data[safe] * (target._data != ignore_index)).sum())
    elif reduction == "sum":
        smooth = smooth.sum()
    return loss * (1 - label_smoothing) + smooth * (label_smoothing / classes)


def _soft_cross_entropy(logp: Any, target: Any, weight: Any, reduction: str, smoothing: float, dim: int) -> Any:
    classes = logp._data.shape[dim]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    terms = logp * target
    if weight is not None:
        terms = terms * weight.reshape((1,) * dim + (-1,) + (1,) * (logp._data.ndim - dim - 1))
    losses = -terms.sum(dim)
    if reduction == "mean":
        return -terms.sum() / max(1, logp._data.size // classes)
    return -terms.sum() if reduction == "sum" else losses


def _bce(x: Any, y: Any) -> Any:
    # PyTorch keeps the logarithms at or above -100
    return (y - 1) * np.maximum(np.log1p(-x), -100) - y * np.maximum(np.log(x), -100)


bce_row = Op(
    "binary_cross_entropy", lambda x, y: np.asarray(_bce(x, y), x.dtype), inputs=("x", "y"),
    vjps=(
        lambda g, x, y: g * (x - y) / _floor((1 - x) * x, 1e-12),
        lambda g, x: g * (log(1 - x) - log(x)),
    ),
    formulas=(r"\bar{x} = \frac{x-y}{x(1-x)}\,\bar{z}", r"\bar{y} = \bar{z}\ln\frac{1-x}{x}"), elementwise=True,
)  # fmt: skip


def _floor(x: Any, low: float) -> Any:
    if not isinstance(x, Tensor):
        return np.maximum(x, low)
    return where(x > low, x, zeros_as(x) + low)


@export("functional", "binary_cross_entropy")
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Cross-entropy of probabilities."""
    reduction = _legacy(reduction, size_average, reduce)
    if input._data.shape != target._data.shape:
        raise ValueError(
            f"Using a target size ({target.shape!r}) that is different to the input size ({input.shape!r}) is deprecated. "
            "Please ensure they have the same size."
        )
    if input._data.size and ((input._data < 0).any() or (input._data > 1).any()):
        raise RuntimeError("all elements of input should be between 0 and 1")
    if weight is None:
        return apply(bce_reduced, (input, target), {"reduction": reduction})
    return reduced(apply(bce_row, (input, target)) * weight, reduction)


bce_reduced = Op(
    "binary_cross_entropy", lambda x, y, reduction: _total(np.asarray(_bce(x, y), x.dtype), reduction), inputs=("x", "y"),
    vjps=(
        lambda g, x, y, reduction: _scale(g, _size(x, y), reduction) * ((x - y) / _floor((1 - x) * x, 1e-12)),
        lambda g, x, y, reduction: _scale(g, _size(x, y), reduction) * (log(1 - x) - log(x)),
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
    p = pos if isinstance(x, np.ndarray) else Tensor(pos)
    weight = (p - 1) * y + 1
    return (1 - y) - weight * sigmoid(-x)


bce_logits = Op(
    "binary_cross_entropy_with_logits", lambda x, y, reduction, pos=None: _total(_bce_logits(x, y, pos).astype(x.dtype), reduction), inputs=("x", "y"),
    vjps=(
        lambda g, x, y, reduction, pos: _scale(g, _size(x, y), reduction) * _logits_slope(x, y, pos),
        lambda g, x, y, reduction, pos: _scale(g, _size(x, y), reduction) * (-x + 0 if pos is None else _pos_target(x, pos)),
    ),
    formulas=(r"\bar{x} = \frac{\bar{z}}{n}(\sigma(x) - y)", r"\bar{y} = -\frac{\bar{z}}{n}\,x"),
)  # fmt: skip


def _pos_target(x: Any, pos: Any) -> Any:
    p = pos if isinstance(x, np.ndarray) else Tensor(pos)
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
    reduction = _legacy(reduction, size_average, reduce)
    if input._data.shape != target._data.shape:
        raise ValueError(f"Target size ({target.shape!r}) must be the same as input size ({input.shape!r})")
    params = {"reduction": reduction if weight is None else "none", "pos": None if pos_weight is None else pos_weight._data}
    loss = apply(bce_logits, (input, target), params)
    return loss if weight is None else reduced(loss * weight, reduction)


# -- losses made of ops ----------------------------------------------------------------------------------


@export("functional", "kl_div")
def kl_div(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False) -> Any:
    """target * (log target - input)."""
    if input._data.dtype.kind not in "fc" or target._data.dtype.kind not in "fc":
        raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        out = target.exp() * (target - input)
    else:
        out = target.xlogy(target) - target * input
    if reduction == "batchmean":
        return out.sum() / input._data.shape[0] if input._data.ndim else out.sum()
    return reduced(out, _legacy(reduction, size_average, reduce))


@export("functional", "soft_margin_loss")
def soft_margin_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """log(1 + exp(-y x))."""
    common = (
        np.broadcast_shapes(input._data.shape, target._data.shape)
        if cannot_broadcast(input._data.shape, target._data.shape) is None
        else ()
    )
    if common and common != input._data.shape:
        raise RuntimeError(f"output with shape {sizes(input._data.shape)} doesn't match the broadcast shape {sizes(common)}")
    return reduced((-(input * target)).exp().log1p(), _legacy(reduction, size_average, reduce))


@export("functional", "margin_ranking_loss")
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """max(0, -y (a - b) + margin)."""
    if input1._data.ndim != target._data.ndim or input2._data.ndim != target._data.ndim:
        raise RuntimeError(
            f"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {input1.shape!r}, input2: {input2.shape!r}, target: {target.shape!r} "
        )
    return reduced((-target * (input1 - input2) + margin).clamp_min(0), _legacy(reduction, size_average, reduce))


@export("functional", "hinge_embedding_loss")
def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """x where y is 1, max(0, margin - x) where y is -1."""
    zeros = input * 0
    near = _choose(target._data != -1, input, zeros)
    far = _choose(target._data != 1, (margin - input).clamp_min(0), zeros)
    return reduced(far + near, _legacy(reduction, size_average, reduce))


def _choose(mask: Any, a: Any, b: Any) -> Any:
    shape = np.broadcast_shapes(mask.shape, a._data.shape)
    return apply(where, (Tensor(np.broadcast_to(mask, shape)), a, b))


@export("functional", "poisson_nll_loss")
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """Negative log-likelihood of a Poisson count."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(Tensor(target._data <= 1), 0)
    return reduced(loss, _legacy(reduction, size_average, reduce))


@export("functional", "gaussian_nll_loss")
def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Any:
    """Negative log-likelihood of a normal value with a predicted variance."""
    if reduction not in {"none", "mean", "sum"}:
        raise ValueError(f"{reduction} is not valid")
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input * 0 + var
    if (var._data < 0).any():
        raise ValueError("var has negative entry/entries")
    if var._data.shape != input._data.shape:
        if input._data.shape[:-1] == var._data.shape:
            var = var.unsqueeze(-1)
        elif not (input._data.shape[:-1] == var._data.shape[:-1] and var._data.shape[-1] == 1):
            raise ValueError("var is of incorrect size")
    with_floor = var.detach().clamp(min=eps)
    kept = var + (with_floor - var.detach())  # clamped without touching the gradient, as PyTorch does
    loss = 0.5 * (kept.log() + (input - target) ** 2 / kept)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


@export("functional torch", "cosine_similarity")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Inner product of the directions."""
    from .norms import vector_norm

    told = cannot_broadcast(x1._data.shape, x2._data.shape)
    if told is not None:
        raise told
    common = result_type((x1._data, x2._data))
    if common.category < 2:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {common.scalar_name}")
    shape = np.broadcast_shapes(x1._data.shape, x2._data.shape)
    a, b = x1.to(common).expand(shape), x2.to(common).expand(shape)
    na, nb = (vector_norm(v, 2, dim, True).clamp_min(eps) for v in (a, b))
    return ((a / na) * (b / nb)).sum(dim)


@export("functional", "cosine_embedding_loss")
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """1 - cos where y is 1, max(0, cos - margin) where y is -1."""
    d = input1._data.ndim - 1
    eps = 1e-12
    prod = (input1 * input2).sum(d)
    mag1, mag2 = (input1 * input1).sum(d) + eps, (input2 * input2).sum(d) + eps
    cos = prod / (mag1 * mag2).sqrt()
    zeros = cos * 0
    near = _choose(target._data == 1, 1 - cos, zeros)
    far = _choose(target._data == -1, (cos - margin).clamp_min(0), zeros)
    return reduced(near + far, _legacy(reduction, size_average, reduce))


@export("functional torch", "pairwise_distance")
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """Norm of the difference along the last dimension."""
    from .norms import vector_norm

    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


@export("functional", "triplet_margin_loss")
def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False, size_average: Any = None,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """max(0, d(a, p) - d(a, n) + margin)."""
    reduction = _legacy(reduction, size_average, reduce)
    _same_dims(anchor, positive, negative, margin)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))
    return reduced((margin + near - far).clamp_min(0), reduction)


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
    _known(reduction)
    _same_dims(anchor, positive, negative, margin)
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return reduced((margin + near - far).clamp_min(0), reduction)


@export("functional", "linear_cross_entropy")
def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None, reduction: str = "mean",
    ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> Any:  # fmt: skip
    """cross_entropy of a linear layer's output."""
    from .linalg import linear

    if input._data.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input._data.ndim}")
    if linear_weight._data.ndim < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {linear_weight._data.ndim}")
    if input._data.shape[-1] != linear_weight._data.shape[-1]:
        raise RuntimeError(
            f"expected equal input and linear_weight last dimensions (in_features), got {input._data.shape[-1]} and {linear_weight._data.shape[-1]}, respectively"
        )
    classes, features = linear_weight._data.shape[0], linear_weight._data.shape[-1]
    outer = linear_weight._data.shape[1:-1]
    if linear_bias is not None and linear_bias._data.shape != (classes, *outer):
        raise RuntimeError(f"expected linear_bias shape {(classes, *outer)}, got {linear_bias._data.shape}")
    if outer and input._data.ndim == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {linear_weight._data.shape} requires batched input, (N, {features}), got "
            f"unbatched input with shape {input._data.shape}"
        )
    if target._data.shape == (*input._data.shape[:-1], classes, *outer) and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    rows = linear_weight.reshape(-1, features) if outer else linear_weight
    bias = linear_bias.reshape(-1) if linear_bias is not None and outer else linear_bias
    logits = linear(input, rows, bias)
    if outer:
        logits = logits.reshape(*input._data.shape[:-1], classes, *outer)
    return cross_entropy(
        logits,
        target,
        weight=weight,
        reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index,
        label_smoothing=label_smoothing,
    )


def _multi_margin(x: Any, target: Any, p: int, margin: float, weight: Any) -> Any:
    n, c = x._data.shape
    picked = x.gather(1, Tensor(target.reshape(-1, 1)))
    gap = (margin - picked + x).clamp_min(0)
    gap = gap if p == 1 else gap * gap
    if weight is not None:
        gap = gap * Tensor(weight[target].reshape(-1, 1))
    mask = np.ones((n, c), x._data.dtype)
    mask[np.arange(n), target] = 0
    return (gap * Tensor(mask)).sum(1) / c


@export("functional", "multi_margin_loss")
def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Hinge over all wrong classes."""
    reduction = _legacy(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight._data.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    x = input.reshape(1, -1) if input._data.ndim < 2 else input
    if not (input._data.ndim <= 2 and x._data.shape[1]):
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input._data.shape)}")
    if target._data.ndim > 1 or target._data.size != x._data.shape[0]:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{x._data.shape[0]}], but got {list(target._data.shape)}. Input has shape {list(input._data.shape)}."
        )
    if weight is not None and weight._data.size != x._data.shape[1]:
        raise RuntimeError(f"inconsistent weight size, expected {x._data.shape[1]} but got {list(weight._data.shape)}")
    if target._data.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    losses = _multi_margin(x, target._data.reshape(-1), p, margin, None if weight is None else weight._data)
    if reduction == "none":
        return losses.reshape(target._data.shape)
    return reduced(losses, reduction)


@export("functional", "multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Mean over the classes of the binary cross-entropies."""
    from .activation import logsigmoid

    loss = -(target * apply(logsigmoid, (input,)) + (1 - target) * apply(logsigmoid, (-input,)))
    if weight is not None:
        loss = loss * weight
    c = input._data.ndim - 1
    return reduced(loss.sum(c) / input._data.shape[c], _legacy(reduction, size_average, reduce))


@export("functional", "multilabel_margin_loss")
def multilabel_margin_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """Hinge between every target class and every other class; a -1 ends the list of targets."""
    reduction = _legacy(reduction, size_average, reduce)
    if input._data.ndim > 2 or (input._data.ndim and input._data.shape[-1] == 0):
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input._data.shape)}")
    if target._data.shape != input._data.shape and not (input._data.ndim < 2 and target._data.size == input._data.size):
        raise RuntimeError(f"inconsistent target size: {list(target._data.shape)} for input of size: {list(input._data.shape)}")
    x = input.reshape(1, -1) if input._data.ndim < 2 else input
    t = target._data.reshape(x._data.shape)
    losses = []
    for row in range(t.shape[0]):
        ends = np.flatnonzero(t[row] < 0)
        labels = t[row][: ends[0]] if ends.size else t[row]
        others = np.setdiff1d(np.arange(t.shape[1]), labels)
        if not len(labels) or not len(others):
            losses.append((x[row] * 0).sum())
            continue
        inside, outside = x[row][Tensor(labels)], x[row][Tensor(others)]
        losses.append((1 - inside.reshape(-1, 1) + outside.reshape(1, -1)).clamp_min(0).sum() / t.shape[1])
    from .join import stack

    out = stack(losses)
    return out.reshape(()) if reduction == "none" and input._data.ndim < 2 else reduced(out, reduction)


__all__ = ["sizes"]

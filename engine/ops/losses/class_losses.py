"""Losses of classes: the negative log-likelihood, cross-entropy, and the margins between classes (torch.nn.functional)."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ...calls import quick
from ...graph.saved import track
from ...half.bfloat16 import cast
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import div_number, mul_number
from ..reductions.softmax import log_softmax_row, must_float
from ..underived import without_gradient
from .loss import _scale, _total, legacy_reduction, reduced


@functools.lru_cache(maxsize=16)
def _numbers(count: int) -> Any:
    return np.arange(count)


def _all_classes(target: Any, classes: int) -> bool:
    """Whether all of them are classes: without its sign a negative number is a large one."""
    whole = target.view(np.uint64) if target.dtype == np.int64 else target
    return bool(target.size) and target.dtype.kind in "iu" and int(whole.max()) < classes


def _plain(target: Any, classes: int, weight: Any, ignore_index: int) -> bool:
    """Whether all targets count, and all alike."""
    return weight is None and not 0 <= ignore_index < classes and _all_classes(target, classes)


def _pick_classes(x: Any, target: Any, weight: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """-x at the target class with its weight; x is (N, C), target (N,)."""
    valid = target != ignore_index
    safe = np.where(valid, target, 0)
    w = np.ones(len(target), x.dtype) if weight is None else weight[safe]
    w = np.where(valid, w, 0).astype(x.dtype)
    return -x[np.arange(len(target)), safe] * w, w, safe


def _flat(x: Any) -> Any:
    """Scores of all samples and places as rows."""
    return x.reshape(1, -1) if x.ndim == 1 else x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def _nll(x: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    rows, at = _flat(x), target.reshape(-1)
    if _plain(at, rows.shape[1], weight, ignore_index):  # as it mostly is (benchmark row `engine/W3`)
        losses = -rows[_numbers(len(at)), at]
        if reduction == "none":
            return losses.reshape(target.shape)
        total = losses.sum(dtype=x.dtype)
        return total / x.dtype.type(len(at)) if reduction == "mean" else total
    losses, w, _ = _pick_classes(rows, at, weight, ignore_index)
    losses = np.where(at == ignore_index, 0, losses).astype(x.dtype) if ignore_index is not None else losses
    if reduction == "none":
        return losses.reshape(target.shape)
    total = losses.sum(dtype=x.dtype)
    return total / w.sum(dtype=x.dtype) if reduction == "mean" else total


def _nll_slope(shape: Any, dtype: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    target = target.reshape(-1)
    out = np.zeros((len(target), shape[min(1, len(shape) - 1)]), dtype)
    if _plain(target, out.shape[1], weight, ignore_index):
        out[_numbers(len(target)), target] = dtype.type(-1) / dtype.type(len(target)) if reduction == "mean" else -1
    else:
        rows = np.flatnonzero(target != ignore_index)  # the others stay 0, also where none is left and the mean is nan
        at = target[rows]
        w = np.ones(len(rows), dtype) if weight is None else weight[at].astype(dtype)
        out[rows, at] = -w / w.sum() if reduction == "mean" else -w
    if len(shape) < 3:
        return out.reshape(shape)
    return np.ascontiguousarray(np.moveaxis(out.reshape(shape[0], *shape[2:], shape[1]), -1, 1))


def _nll_vjp(g: Any, x: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    data, shape = g if isinstance(g, np.ndarray) else g._data, tuple(x.shape)  # PyTorch saves all of x
    words = data.dtype.kind == "V"
    slope = _nll_slope(shape, np.dtype(np.float32) if words else data.dtype, target, weight, reduction, ignore_index)
    slope = cast(slope, data.dtype) if words else slope
    grown = g.reshape(shape[0], 1, *shape[2:]) if reduction == "none" and len(shape) > 1 else g
    if not isinstance(g, np.ndarray):
        return grown * Tensor._of(slope)
    if np.isfinite(g).all():
        return grown * slope
    chosen = _nll_slope(shape, np.dtype(np.float32), target, None, "sum", ignore_index)
    return np.where(chosen, grown * slope, slope)  # a nan goes to the classes that were asked for alone


nll = Op("nll_loss", _nll, frees="target", vjps=(_nll_vjp,), formulas=(r"\bar{x}_{i,y_i} = -\frac{w}{\sum w}\,\bar{z}",))
nll2d = Op(
    "nll_loss2d",
    _nll,
    frees="target",
    grad_fn="NllLoss2DBackward0",
    vjps=(_nll_vjp,),
    formulas=(r"\bar{x}_{i,y_i} = -\frac{w}{\sum w}\,\bar{z}",),
)


_nll1d, _nll2d, _log_softmax = quick.unary(nll), quick.unary(nll2d), quick.unary(log_softmax_row)


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
    x, shape, kept = input, target._data.shape, target
    classes = x._data.shape[min(1, x._data.ndim - 1)] if x._data.ndim else 0
    _check_target(input, target, classes, ignore_index)
    if weight is not None and weight._data.shape != (classes,):
        if x._data.ndim > 2:
            raise RuntimeError("weight tensor should be defined either for all or no classes")
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of shape: "
            f"{list(weight._data.shape)}"
        )
    if x._data.dtype.kind not in "fV":
        raise NotImplementedError(f"\"nll_loss_out_frame\" not implemented for '{x.dtype.scalar_name}'")
    if weight is not None and weight._data.dtype is not x._data.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {weight.dtype.scalar_name}")
    at = target._data
    if x._data.ndim not in (1, 2, 4):  # as in PyTorch: places in one row
        x, at = x.reshape(x._data.shape[0], classes, 1, -1), at.reshape(shape[0], 1, -1)
        kept = Tensor._of(at)
        kept._storage = target._storage
    params = {
        "target": at, "weight": None if weight is None else weight._data, "reduction": legacy_reduction(reduction, size_average, reduce),
        "ignore_index": ignore_index,
    }  # fmt: skip
    if weight is not None:
        without_gradient("nll_loss2d_forward" if input._data.ndim > 2 else "nll_loss_forward", weight=weight)
    out = track((_nll2d if input._data.ndim > 2 else _nll1d)(x, params), kept, weight)
    return out.reshape(shape) if params["reduction"] == "none" and out._data.shape != shape else out


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
    if _all_classes(t, classes):
        return
    bad = t[(t != ignore_index) & ((t < 0) | (t >= classes))]
    if bad.size:
        raise IndexError(f"Target {bad.flat[0]} is out of bounds.")


@export("functional", "cross_entropy")
def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """log_softmax, then nll_loss; target may be class numbers or probabilities."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    dim = 0 if input._data.ndim == 1 else 1
    soft = input._data.shape == target._data.shape
    if soft and target._data.dtype.kind not in "fV":
        raise RuntimeError(f"Expected floating point type for target with class probabilities, got {target.dtype.scalar_name}")
    if soft and ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    if not input._data.ndim:
        some = "Dimension specified as 1 but tensor has no dimensions"
        raise IndexError(some if soft else "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    must_float("log_softmax", input, dim)
    logp = _log_softmax(input, {"dim": dim})
    if soft:
        return _soft_cross_entropy(logp, target, weight, reduction, label_smoothing, dim)
    loss = nll_loss(logp, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return loss
    classes = input._data.shape[dim]
    w = None if weight is None else weight.reshape((1,) * dim + (-1,) + (1,) * (input._data.ndim - dim - 1))
    smooth = -(logp if w is None else logp * w).sum(dim)
    ignored = Tensor._of(target._data == ignore_index)
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
    return apply(mul_number, (loss, 1 - label_smoothing)) + apply(mul_number, (smooth, label_smoothing / classes))


def _soft_cross_entropy(logp: Any, target: Any, weight: Any, reduction: str, smoothing: float, dim: int) -> Any:
    classes = logp._data.shape[dim]
    if weight is not None and weight._data.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of shape: "
            f"{list(weight._data.shape)}"
        )
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    terms = logp * target
    if weight is not None:
        terms = terms * weight.reshape((1,) * dim + (-1,) + (1,) * (logp._data.ndim - dim - 1))
    losses = -terms.sum(dim)
    if reduction == "mean":
        return apply(div_number, (-terms.sum(), max(1, logp._data.size // classes)))
    return -terms.sum() if reduction == "sum" else losses


@export("functional", "linear_cross_entropy")
def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None, reduction: str = "mean",
    ignore_index: int | None = None, label_smoothing: float = 0.0, options: Any = None,
) -> Any:  # fmt: skip
    """cross_entropy of a linear layer's output."""
    from ..matrices.linalg import linear

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


def _gaps(x: Any, target: Any, margin: float) -> Any:
    """How much each other class lacks to be the margin below the target's; 0 at the target itself."""
    rows = np.arange(len(target))
    gap = np.fmax(margin - x[rows, target][:, None] + x, 0)  # nan is no gap
    gap[rows, target] = 0
    return gap


def _rows(x: Any) -> Any:
    return x if x.ndim == 2 else x.reshape(1, -1)


def _multi_margin(x: Any, target: Any, p: int, margin: float, weight: Any, reduction: str) -> Any:
    at = target.reshape(-1)
    gap = _gaps(_rows(x), at, margin)
    gap = gap if p == 1 else gap * gap
    losses = (gap if weight is None else gap * weight[at][:, None]).sum(1) / x.dtype.type(gap.shape[1])
    return _total(losses.reshape(target.shape), reduction)


def _multi_margin_vjp(g: Any, x: Any, target: Any, p: int, margin: float, weight: Any, reduction: str) -> Any:
    shape, x, target = tuple(x.shape), _rows(x), target.reshape(-1)
    data = x if isinstance(x, np.ndarray) else x._data
    n, c = data.shape
    own = np.zeros((n, c), data.dtype)
    own[np.arange(n), target] = 1
    share = (_gaps(data, target, margin) > 0) * (1 if weight is None else weight[target][:, None]) / c
    share, own = _like(g, share.astype(data.dtype)), _like(g, own)
    slope = share if p == 1 else 2 * share * (margin - (x * own).sum(1).reshape(n, 1) + x)
    up = _scale(g, n, reduction)
    return ((up.reshape(n, 1) if reduction == "none" else up) * (slope - own * slope.sum(1).reshape(n, 1))).reshape(shape)


def _like(g: Any, constant: Any) -> Any:
    return constant if isinstance(g, np.ndarray) else Tensor._of(constant)


multi_margin = Op(
    "multi_margin_loss",
    _multi_margin,
    frees="target",
    vjps=(_multi_margin_vjp,),
    formulas=(r"\bar{x}_j = \frac{\bar{z}}{c}[m - x_y + x_j > 0]",),
)


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
    reduction = legacy_reduction(reduction, size_average, reduce)
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
    without_gradient("multi_margin_loss", weight=weight)
    if weight is not None and weight._data.size != x._data.shape[1]:
        raise RuntimeError(f"inconsistent weight size, expected {x._data.shape[1]} but got {list(weight._data.shape)}")
    if target._data.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    if ((target._data < 0) | (target._data >= x._data.shape[1])).any():
        raise RuntimeError("target out of range")
    if weight is not None and weight._data.dtype is not input._data.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}")
    w = None if weight is None else weight._data
    params = {"target": target._data, "p": p, "margin": margin, "weight": w, "reduction": reduction}
    return track(apply(multi_margin, (input,), params), target, weight)


@export("functional", "multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """Mean over the classes of the binary cross-entropies."""
    from ..pointwise.activation import logsigmoid

    loss = -(target * apply(logsigmoid, (input,)) + (1 - target) * apply(logsigmoid, (-input,)))
    if weight is not None:
        loss = loss * weight
    c = input._data.ndim - 1
    return reduced(loss.sum(c) / input._data.shape[c], legacy_reduction(reduction, size_average, reduce))


@export("functional", "multilabel_margin_loss")
def multilabel_margin_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """Hinge between every target class and every other class; a -1 ends the list of targets."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    if input._data.ndim > 2 or (input._data.ndim and input._data.shape[-1] == 0):
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input._data.shape)}")
    if target._data.shape != input._data.shape and not (input._data.ndim < 2 and target._data.size == input._data.size):
        raise RuntimeError(f"inconsistent target size: {list(target._data.shape)} for input of size: {list(input._data.shape)}")
    if target._data.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    if ((target._data < -1) | (target._data >= (input._data.shape[-1] if input._data.ndim else 1))).any():
        raise RuntimeError("argument #2 'target' is out of range")
    return track(apply(multilabel_margin, (input,), {"target": target._data, "reduction": reduction}), target)


def _multilabel_slope(x: Any, target: Any) -> tuple[Any, Any]:
    """The loss of each row, and its slope in each of its elements."""
    slope, losses = np.zeros_like(x), np.zeros(len(x), x.dtype)
    for row, t in enumerate(target):
        ends = np.flatnonzero(t < 0)
        labels = t[: ends[0]] if ends.size else t
        others = np.setdiff1d(np.arange(len(t)), labels)
        gaps = 1 - x[row][labels][:, None] + x[row][others]
        losses[row] = np.fmax(gaps, 0).sum() / len(t)
        np.subtract.at(slope[row], labels, (gaps > 0).sum(1) / len(t))
        slope[row][others] += (gaps > 0).sum(0) / len(t)
    return losses, slope


def _multilabel(x: Any, target: Any, reduction: str) -> Any:
    losses = _multilabel_slope(_rows(x), _rows(target))[0]
    return _total(losses if x.ndim == 2 else losses.reshape(()), reduction)


def _multilabel_vjp(g: Any, x: Any, target: Any, reduction: str) -> Any:
    slope = _multilabel_slope(_rows(x if isinstance(x, np.ndarray) else x._data), _rows(target))[1]
    up = _scale(g, len(slope), reduction)
    return ((up.reshape(-1, 1) if reduction == "none" else up) * _like(g, slope)).reshape(tuple(x.shape))


multilabel_margin = Op(
    "multilabel_margin_loss", _multilabel, frees="target", vjps=(_multilabel_vjp,),
    formulas=(r"\bar{x}_j = \frac{\bar{z}}{c}\textstyle\sum_{y}[1 - x_y + x_j > 0]",),
)  # fmt: skip

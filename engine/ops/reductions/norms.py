"""Norms and distances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import modes
from ...arrays.arithmetic import in_rows
from ...errors import cannot_broadcast
from ...memory.inplace import write
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..indexing.index import index, index_add_into
from ..matrices.matrix import plain
from ..pointwise.complex import conj_row, real_row
from ..pointwise.elementwise import abs_, pow_scalar, sign, where, zeros_as
from ..underived import not_written
from ..views.reshape import one_dim
from .reduce import dims, spread, sum_dim
from .statistics import amax, amin


def _norm(x: Any, ord: float, dim: Any, keepdim: bool) -> Any:
    return in_rows(_size(x, ord, dim, keepdim))


def _size(x: Any, ord: float, dim: Any, keepdim: bool) -> Any:
    if x.dtype == np.float16:  # PyTorch's kernel sums in float32
        return np.asarray(_size(x.astype(np.float32), ord, dim, keepdim)).astype(np.float16)
    axes = dims(dim, x.ndim)
    a = np.abs(x)
    if x.dtype.kind == "c":
        x = a
    if ord == math.inf:
        return np.max(a, axis=axes, keepdims=keepdim) if x.size else np.zeros(np.add.reduce(a, axis=axes, keepdims=keepdim).shape, x.dtype)
    if ord == -math.inf:
        return np.min(a, axis=axes, keepdims=keepdim)
    if ord == 0:
        return np.add.reduce((x != 0).astype(x.dtype), axis=axes, keepdims=keepdim)
    if ord == 1:
        return np.add.reduce(a, axis=axes, keepdims=keepdim)
    if ord == 2:
        return np.sqrt(np.add.reduce(x * x, axis=axes, keepdims=keepdim))
    return np.power(np.add.reduce(np.power(a, x.dtype.type(ord)), axis=axes, keepdims=keepdim), x.dtype.type(1 / ord))


def _norm_vjp(g: Any, x: Any, result: Any, ord: float, dim: Any, keepdim: bool) -> Any:
    """At 0 the subgradient 0, as PyTorch chooses (norm_backward)."""
    shape = tuple(x.shape)
    if ord == 0:
        return zeros_as(x)
    grown = spread(g, shape, dim, keepdim)
    if ord == 1:
        return grown * sign(x)
    top = spread(result, shape, dim, keepdim)
    if ord in (math.inf, -math.inf):
        a = np.abs(x if isinstance(x, np.ndarray) else x._data)
        hits = (a == (top if isinstance(top, np.ndarray) else top._data)) | np.isnan(a)
        share = (hits / np.add.reduce(hits, axis=dims(dim, len(shape)), keepdims=True)).astype(a.dtype)
        return grown * sign(x) * (share if isinstance(g, np.ndarray) else Tensor._of(share))
    # Only the results are masked: what a gradient of this gradient finds at 0 is nan, as in PyTorch
    zero = top == 0
    if ord == 2:
        return grown * where(zero, zeros_as(x), x / top)
    if ord < 1:
        return sign(x) * where(x == 0, zeros_as(x), pow_scalar(abs_(x), ord - 1)) * grown * pow_scalar(top, 1 - ord)
    scaled = sign(x) * pow_scalar(abs_(x), ord - 1) if ord < 2 else x * pow_scalar(abs_(x), ord - 2)
    return scaled * where(zero, zeros_as(grown), grown / pow_scalar(top, ord - 1))


def _vector_norm_vjp(g: Any, x: Any, result: Any, ord: float, dim: Any, keepdim: bool) -> Any:
    return None if ord == 0 else _norm_vjp(g, x, result, ord, dim, keepdim)  # PyTorch has no gradient of a count


norm_row = Op("linalg_vector_norm", _norm, promote="float", vjps=(_vector_norm_vjp,), formulas=(r"\bar{x} = \bar{z}\,x / \|x\|",))


rows_norm = norm_row.named("NormBackward1")


def _must_have_elements(shape: tuple[int, ...], ord: float, dim: Any) -> None:
    """Raise where the largest or smallest of nothing is asked for."""
    over = range(len(shape)) if dim is None or dim == () else dims(dim, len(shape))
    for d in over:
        if not shape[d]:
            where = f"the dimension {d}because this dimension is empty" if dim not in (None, ()) else "an empty tensor because"
            told = f"linalg.vector_norm cannot compute the {ord:g} norm on {where}"
            raise RuntimeError(told + (" the operation" if dim in (None, ()) else " and the operation") + " does not have an identity")


@export("linalg")
def vector_norm(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """The p-norm over some or all dimensions."""
    if x._data.dtype.kind not in "fcV":
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}")
    value = x if dtype is None else x.to(dtype)
    if not x._data.size and (ord < 0 or ord == math.inf):
        _must_have_elements(x._data.shape, float(ord), dim)
    return apply(norm_row, (value,), {"ord": float(ord), "dim": dim, "keepdim": keepdim})


@export("linalg")
def matrix_norm(A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """Norms of matrices: fro, nuc, 1, 2, inf and their negatives."""
    x = A if dtype is None else A.to(dtype)
    if x._data.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    if isinstance(dim, int) or len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {dim if isinstance(dim, int) else ' '.join(map(str, dim))}")
    a, b = (one_dim(d, x._data.ndim) for d in dim)
    if a == b:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    if ord == "fro":
        return vector_norm(x, 2, (a, b), keepdim)
    if ord not in ("nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if ord in (1, -1, math.inf, -math.inf):
        over, then = (a, b) if abs(ord) == 1 else (b, a)
        sums = vector_norm(x, 1, over, keepdim)
        then -= then > over and not keepdim
        if not sums._data.shape[then]:
            if ord < 0:
                raise IndexError(f"amin(): Expected reduction dim {then} to have non-zero size.")
            return sums.sum(then, keepdim=keepdim)
        return apply(amax if ord > 0 else amin, (sums,), {"dim": then, "keepdim": keepdim})
    from ...naming.namespace import LINALG

    s = LINALG["svdvals"](x.movedim((a, b), (-2, -1)))
    if not s._data.shape[-1]:  # of a matrix without elements
        got = s.sum(-1)
        return got.unsqueeze(min(a, b)).unsqueeze(max(a, b)) if keepdim else got
    got = s.sum(-1) if ord == "nuc" else apply(amax if ord > 0 else amin, (s,), {"dim": -1, "keepdim": False})
    return got.unsqueeze(min(a, b)).unsqueeze(max(a, b)) if keepdim else got


@export("linalg", "norm")
def linalg_norm(A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """vector_norm or matrix_norm, by the dimensions."""
    if dim is None and ord is None:
        return vector_norm(A, 2, None, keepdim, dtype=dtype)
    if dim is not None and isinstance(dim, (tuple, list)) and len(dim) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    if dim is None and A._data.ndim not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A._data.ndim}D.")
    if isinstance(ord, str) or (
        ord is not None and (A._data.ndim == 2 if dim is None else isinstance(dim, (tuple, list)) and len(dim) == 2)
    ):
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


@export("torch method", "norm")
def norm(input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None) -> Any:
    """torch.norm: the p-norm of all elements, or over dimensions."""
    if isinstance(p, str) and p != "fro":
        if p != "nuc":
            raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported.")
        return matrix_norm(input, p, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, 2.0 if p in ("fro", None) else p, dim, keepdim, dtype=dtype)


@export("torch method")
def dist(input: Any, other: Any, p: float = 2) -> Any:
    """p-norm of the difference."""
    if cannot_broadcast(input._data.shape, other._data.shape) is not None or not {input._data.dtype.kind, other._data.dtype.kind} <= set(
        "fcV"
    ):
        apart = input - other
        if apart._data.dtype.kind not in "fcV":
            raise RuntimeError(f"norm(): input dtype should be either floating point or complex. Got {apart.dtype.scalar_name} instead.")
        return vector_norm(apart, p)
    return apply(dist_row, (input, other), {"p": float(p)})


def _minus(x: Any, y: Any) -> Any:
    return x - y if isinstance(x, Tensor) else np.asarray(x - y)


dist_row = Op(
    "dist", lambda x, y, p: np.asarray(_norm(_minus(x, y), p, None, False)), inputs=("x", "y"), promote="same",
    vjps=(
        lambda g, x, y, result, p: _norm_vjp(g, _minus(x, y), result, p, None, False),
        lambda g, x, y, result, p: -_norm_vjp(g, _minus(x, y), result, p, None, False),
    ),
    formulas=(r"\bar{x} = \bar{z}\,(x-y)/z", r"\bar{y} = -\bar{z}\,(x-y)/z"),
)  # fmt: skip


@export("functional", "normalize")
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """Divided by its norm along a dimension."""
    return input / vector_norm(input, p, dim, True).clamp_min(eps).expand_as(input)


def _pairs(x: Any, y: Any) -> Any:
    """All differences of the rows of two batches."""
    return x.reshape((*x.shape[:-1], 1, x.shape[-1])) - y.reshape((*y.shape[:-2], 1, *y.shape[-2:]))


def _cdist_vjp(g: Any, x: Any, y: Any, result: Any, p: float) -> tuple[Any, Any]:
    if p not in (1, math.inf):  # nothing where two rows are the same, whatever the cotangent is there
        g = where(result == 0, zeros_as(g), g)
    slopes = _norm_vjp(g, _pairs(x, y), result, p, -1, False)
    return sum_dim(slopes, dim=(-2,), keepdim=False), -sum_dim(slopes, dim=(-3,), keepdim=False)


cdist_row = Op(
    "cdist", lambda x, y, p: _norm(_pairs(x, y), p, -1, False), inputs=("x", "y"), joint=_cdist_vjp,
    formulas=(r"\bar{x}_i = \textstyle\sum_j \bar{z}_{ij}\,(x_i - y_j)/z_{ij}", r"\bar{y}_j = -\textstyle\sum_i \bar{z}_{ij}\,(x_i - y_j)/z_{ij}"),
)  # fmt: skip


def _euclidean(x: Any, y: Any) -> Any:
    """Distances by one matrix product, as PyTorch does it where there are many: of a row to itself it may be a little more than 0."""
    ones = [np.ones_like(t[..., :1]) for t in (x, y)]
    squares = [np.add.reduce(t * t, -1, keepdims=True) for t in (x, y)]
    product = np.matmul(np.concatenate([x * -2, squares[0], ones[0]], -1), np.concatenate([y, ones[1], squares[1]], -1).swapaxes(-1, -2))
    return np.sqrt(np.maximum(product, 0))


def _euclidean_vjp(g: Any, x: Any, y: Any, result: Any) -> tuple[Any, Any]:
    ratio = where(result == 0, zeros_as(g), g / result)
    by_x = x * sum_dim(ratio, dim=(-1,), keepdim=True) - ratio @ y
    turned = ratio.swapaxes(-1, -2)
    return by_x, y * sum_dim(turned, dim=(-1,), keepdim=True) - turned @ x


_euclidean_row = Op(
    "_euclidean_dist", _euclidean, grad_fn="EuclideanDistBackward0", inputs=("x", "y"), joint=_euclidean_vjp, formulas=cdist_row.formulas
)
_MODES = {"use_mm_for_euclid_dist_if_necessary": 25, "use_mm_for_euclid_dist": -1, "donot_use_mm_for_euclid_dist": math.inf}


@export("torch")
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """Distances between all rows of two batches."""
    if compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for word, t in (("X1", x1), ("X2", x2)):
        if t._data.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {word} got: {t._data.ndim}D")
    if x1._data.shape[-1] != x2._data.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1._data.shape[-1]} X2: {x2._data.shape[-1]}")
    for word, t in (("X1", x1), ("X2", x2)):
        if t._data.dtype.kind not in "fV":
            raise RuntimeError(f"cdist only supports floating-point dtypes, {word} got: {t.dtype.scalar_name}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1._data.dtype is not x2._data.dtype and x1._data.dtype.itemsize > 2 and modes.autocast is None:
        raise RuntimeError(f"expected scalar type {x1.dtype.scalar_name} but found {x2.dtype.scalar_name}")
    many = max(x1._data.shape[-2], x2._data.shape[-2]) > _MODES[compute_mode]
    if p == 2 and many and x1._data.size and x2._data.size:
        made = apply(_euclidean_row, (x1, x2), {})
        return made.view(made.shape)
    return apply(cdist_row, (x1, x2), {"p": float(p)})


def _row_pairs(x: Any) -> tuple[Any, Any]:
    first, second = np.triu_indices(x.shape[0], 1)
    return index(x, key=(first,)), index(x, key=(second,))


def _pair_norms(x: Any, p: float) -> Any:
    one, other = _row_pairs(x)
    return _norm(one - other, p, -1, False)


def _pair_norms_back(g: Any, x: Any, result: Any, p: float) -> Any:
    one, other = _row_pairs(x)
    slope, shape = _norm_vjp(g, one - other, result, p, -1, False), tuple(x.shape)
    first, second = np.triu_indices(shape[0], 1)
    return index_add_into(slope, shape=shape, key=(first,)) - index_add_into(slope, shape=shape, key=(second,))


_pair_back_row = Op(
    "_pdist_backward", _pair_norms_back, inputs=("g", "x", "result"), vjps=(not_written("_pdist_backward"),) * 3, formulas=("",) * 3,
    grad_fn="PdistBackwardBackward0",
)  # fmt: skip


def _pair_norms_vjp(g: Any, x: Any, result: Any, p: float) -> Any:
    return _pair_back_row(g, x, result, p=p)


_pair_row = Op(
    "pdist", _pair_norms, vjps=(_pair_norms_vjp,), formulas=(r"\bar{x}_i = \textstyle\sum_j \bar{z}_{ij}\,(x_i - x_j) / z_{ij}",)
)


@export("functional torch")
def pdist(input: Any, p: float = 2.0) -> Any:
    """Distances between all pairs of rows."""
    if input._data.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input._data.ndim}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return apply(_pair_row, (input,), {"p": float(p)})


def _must_renorm(x: Any, p: float, maxnorm: float) -> None:
    for name, number in (("p", p), ("maxnorm", maxnorm)):
        if isinstance(number, complex):
            raise RuntimeError(f"renorm: {name} must be real-valued")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if x._data.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {x._data.ndim} dimensions")


@export("torch method")
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Any:
    """Slices along a dimension kept at or below a norm."""
    _must_renorm(input, p, maxnorm)
    return apply(renorm_row, (input,), {"p": p, "dim": one_dim(dim, input._data.ndim), "maxnorm": maxnorm})


@export("method")
def renorm_(self: Any, p: float, dim: int, maxnorm: float) -> Any:
    """In place."""
    _must_renorm(self, p, maxnorm)
    return write(renorm_row, self, (), {"p": p, "dim": one_dim(dim, self._data.ndim), "maxnorm": maxnorm})


def _renormed(x: Any, p: float, dim: int, maxnorm: float) -> Any:
    others = tuple(k for k in range(x.ndim) if k != dim % x.ndim)
    size = norm_row(x, ord=float(p), dim=others, keepdim=True)
    return x * where(size > maxnorm, maxnorm / (size + 1e-7), zeros_as(size) + 1)


def _renorm_vjp(g: Any, x: Any, p: float, dim: int, maxnorm: float) -> Any:
    others = tuple(k for k in range(x.ndim) if k != dim % x.ndim)
    size = norm_row(x, ord=float(p), dim=others, keepdim=True)
    over = size > maxnorm
    inverse = 1 / (size + 1e-7)
    along = sum_dim(real_row(g * conj_row(x)) if plain(x).dtype.kind == "c" else g * x, dim=others, keepdim=True)
    slope = _norm_vjp(along, x, size, float(p), others, True)
    return where(over, maxnorm * inverse * (g - inverse * slope), g)


renorm_row = Op(
    "renorm", lambda x, p, dim, maxnorm: np.asarray(_renormed(x, p, dim, maxnorm), x.dtype), vjps=(_renorm_vjp,),
    formulas=(r"\bar{x} = \frac{m}{\|x\|}(\bar{z} - \dots)",),
)  # fmt: skip
renorm_row.antilinear = True

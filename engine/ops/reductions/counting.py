"""Combinations, counts, quantiles, covariances, differences, integrals over samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...calls.kernels import KERNELS
from ...errors import ask, sizes
from ...graph.written import written
from ...half.bfloat16 import cast, readable
from ...modes import warn, warn_once
from ...naming.namespace import export
from ...naming.rows import into, publish_binary
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..indexing.gather import gather
from ..pointwise import refusals
from ..pointwise.complex import complex_row
from ..pointwise.elementwise import _swapped, _whole, _write_operator, div_number, mul_number
from ..told import told
from ..views.join import cat_, stack
from ..views.reshape import one_dim, some_of, squeeze_written, unsqueeze
from ..views.shape import transpose
from .order import _order, sort
from .reduce import dims
from .selection import most_frequent
from .statistics import back_to_indices, median_along, return_type

Array = np.ndarray[Any, Any]


@export("torch")
def cartesian_prod(*tensors: Any) -> Any:
    """All combinations of the elements of vectors."""
    for t in tensors:
        if t._data.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {sizes(t._data.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    from ..views.join import meshgrid

    return stack([g.reshape(-1) for g in meshgrid(*tensors, indexing="ij")], 1)


@export("torch")
def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All combinations of r elements of a vector."""
    if input._data.ndim != 1:
        raise RuntimeError("Expect a 1D vector, but got shape " + sizes(input._data.shape))
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    n = input._data.shape[0]
    pick = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    at = np.array(list(pick(range(n), r)), np.int64).reshape(-1, r)
    if r == 0:
        return Tensor._of(np.zeros(0, input._data.dtype))
    return stack([input[Tensor._of(at[:, k].copy())] for k in range(r)], 1)


@export("torch")
def unravel_index(indices: Any, shape: Any) -> Any:
    """Flat places as one index a dimension."""
    ask(indices, "is_complex")
    if indices._data.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if not isinstance(shape, (int, Sequence)):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    size = (shape,) if isinstance(shape, int) else tuple(shape)
    for n in size:
        if not isinstance(n, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(n)}")
    if any(n < 0 for n in size):
        raise ValueError(f"'shape' cannot have negative values, but got {size}")
    if 0 in size and indices._data.size:
        raise RuntimeError("ZeroDivisionError")
    steps = [math.prod(size[k + 1 :]) for k in range(len(size))]
    at = indices._data.astype(np.int64)
    return tuple(Tensor._of(np.asarray(at // step % n)) for step, n in zip(steps, size, strict=True))


# -- counts ---------------------------------------------------------------------------------------------------------


@export("torch method")
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number occurs."""
    x = input._data
    KERNELS["bincount"].refuse_dtype(input.dtype)
    if x.ndim != 1 or (x.size and x.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if not x.size:
        return told("bincount", (input,), np.zeros(minlength, np.int64))
    if weights is not None and weights._data.shape != x.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    got = np.bincount(x, None if weights is None else weights._data, minlength)
    if weights is not None and weights._data.dtype == np.float32:
        got = got.astype(np.float32)
    return told("bincount", (input,), got)


@export("torch")
def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: Any = None, sorter: Any = None, out: Any = None
) -> Any:
    """Where values would be put to keep a sequence ascending."""
    for what, given in (("values", input), ("boundaries", sorted_sequence), ("sorter", sorter)):
        if isinstance(given, Tensor) and not given._data.flags.c_contiguous:
            warn_once(kernel_warning(what))
    _must_be_searchable(sorted_sequence, input, sorter)
    seq = readable(sorted_sequence._data)
    values = readable(input._data) if isinstance(input, Tensor) else np.asarray(input)
    if sorter is not None:
        seq = np.take_along_axis(seq, sorter._data, -1)
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True")
    if seq.ndim > 1 and seq.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value "
            f"tensor must match, but we got boundaries tensor {sizes(seq.shape)} and input value tensor {sizes(values.shape)}"
        )
    where = "right" if right or side == "right" else "left"
    kind = np.int32 if out_int32 else np.int64
    if seq.ndim == 1:
        return Tensor._of(np.asarray(np.searchsorted(seq, values, where), kind))
    if not values.size:
        return Tensor._of(np.zeros(values.shape, kind))
    count = math.prod(seq.shape[:-1])
    flat, want = seq.reshape(count, seq.shape[-1]), values.reshape(count, values.shape[-1])
    found = np.stack([np.searchsorted(s, v, where) for s, v in zip(flat, want, strict=True)])
    return Tensor._of(found.reshape(values.shape).astype(kind))


def _must_be_searchable(boundaries: Any, input: Any, sorter: Any) -> None:
    """PyTorch's checks of shapes (BucketizationUtils.h), those of a sorter first."""
    shape = input._data.shape if isinstance(input, Tensor) else ()
    n = boundaries._data.ndim
    words = "torch.searchsorted(): "
    if n != 1 and not shape:
        raise RuntimeError(
            f"{words}input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim({n}) and input "
            f"value's dim(0) numel(1)"
        )
    if not n:
        raise RuntimeError(f"{words}boundaries tensor should have positive dimension, but got 0 dimension")
    if sorter is None:
        return
    if sorter._data.shape != boundaries._data.shape:
        raise RuntimeError(
            f"{words}boundary and sorter must have the same size, but got boundary tensor {sizes(boundaries._data.shape)}and got sorter "
            f"tensor {sizes(sorter._data.shape)}"
        )
    if sorter._data.dtype != np.int64:
        raise RuntimeError(f"{words}sorter must be a tensor of long dtype but got dtype {sorter.dtype.scalar_name}")


@export("torch")
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Any = None) -> Any:
    """Which bin each value falls into."""
    if boundaries._data.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries._data.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def _mode(x: Array, dim: int, keepdim: bool) -> tuple[Array, Array]:
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    rows = np.moveaxis(x, dim, -1)
    flat = rows.reshape(-1, rows.shape[-1])
    values, places = np.zeros(len(flat), x.dtype), np.zeros(len(flat), np.int64)
    for k, row in enumerate(flat):
        places[k] = most_frequent(row.tolist())
        values[k] = row[places[k]]
    shape = rows.shape[:-1]
    v, p = values.reshape(shape), places.reshape(shape)
    return (np.expand_dims(v, dim), np.expand_dims(p, dim)) if keepdim else (v, p)


mode_row = Op("mode", _mode, nondiff=(1,), vjps=(back_to_indices,), formulas=(r"\bar{x}[i] = \bar{z}",))


@export("torch method")
def mode(input: Any, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The most frequent value along a dimension, and where it stands last."""
    return return_type("mode")(*apply(mode_row, (input,), {"dim": some_of(input, dim, "mode"), "keepdim": keepdim}))


# -- integers -------------------------------------------------------------------------------------------------------

for _name, _function, _kernel in (
    ("gcd", np.gcd, ""), ("lcm", np.lcm, ""), ("bitwise_left_shift", np.left_shift, "lshift_cpu"),
    ("bitwise_right_shift", np.right_shift, "rshift_cpu"),
):  # fmt: skip
    _check = refusals.whole_only(_kernel, bools=False) if _kernel else None
    _row = Op(_name, _function, inputs=("x", "y"), promote="same", elementwise=True, check=_check)
    publish_binary(_row, numbers="" if _name in ("gcd", "lcm") else "both")
    if _name.startswith("bitwise"):
        _shift = _name.split("_")[1][0] + "shift__"
        export("method", f"__{_shift}")(_whole(_row))
        export("method", f"__r{_shift}")(_swapped(_row))
        export("method", f"__i{_shift}")(_write_operator(_row))


# -- quantiles ------------------------------------------------------------------------------------------------------


def _quantile(input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, skip: bool) -> Any:
    if input._data.dtype.kind not in "fV" or input._data.dtype.itemsize < 4:
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(f"quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}")
    wanted = q._data if isinstance(q, Tensor) else np.asarray(q, input._data.dtype)
    if wanted.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise RuntimeError(
            "quantile() q values must be in the range [0, 1]"
            if isinstance(q, Tensor)
            else f"quantile() q must be in the range [0, 1] but got {q:g}"
        )
    if not input._data.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    ndim = input._data.ndim
    d = None if dim is None else one_dim(dim, ndim)
    shape = [1] * ndim if d is None else [1 if k == d else n for k, n in enumerate(input._data.shape)]
    if not keepdim:
        shape = [] if d is None else [n for k, n in enumerate(shape) if k != d]
    # what is left of the shape, and the elements among which a quantile lies at the end, as PyTorch's own code lays them out
    if d is None:
        x = input.flatten()
    else:
        x = input if d == max(ndim - 1, 0) else input.unsqueeze(-1).transpose(d, -1)
    values = sort(x, -1)[0]
    n = values._data.shape[-1] if values._data.ndim else 1
    values = values.view(*shape, n)
    bad = np.isnan(values._data)
    last = (n - 1 - bad.sum(-1)) if skip else np.full(bad.shape[:-1], n - 1)
    ranks = (q if isinstance(q, Tensor) else Tensor._of(np.asarray(wanted, values._data.dtype))).reshape(-1) * Tensor._of(
        np.maximum(last, 0)[..., None].astype(values._data.dtype)
    )
    if not skip:
        ranks = ranks.masked_fill(Tensor._of(np.broadcast_to(bad.any(-1)[..., None], ranks._data.shape).copy()), n - 1)
    rank = ranks._data
    below = np.floor(rank) if interpolation != "nearest" else np.round(rank)
    if interpolation == "higher":
        below = np.ceil(rank)
    low = gather(values, dim=values._data.ndim - 1, idx=below.astype(np.int64))
    if interpolation in ("linear", "midpoint"):
        high = gather(values, dim=values._data.ndim - 1, idx=np.ceil(rank).astype(np.int64))
        weight = Tensor._of(np.full(rank.shape, 0.5, rank.dtype)) if interpolation == "midpoint" else ranks - Tensor._of(below)
        low = low.lerp(high, weight)
    if wanted.ndim:  # the quantiles come first
        end = low._data.ndim
        low = apply(written(unsqueeze, False), (low,), {"dim": 0})
        low = apply(written(transpose, False), (low,), {"dim0": 0, "dim1": end})
    return apply(squeeze_written, (low,), {"dim": low._data.ndim - 1})


@export("torch method")
def quantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None) -> Any:
    """Quantiles of all elements, or along a dimension."""
    return into(out, _quantile(input, q, dim, keepdim, interpolation, False), "quantile")


@export("torch method")
def nanquantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None) -> Any:
    """quantile that leaves nan out."""
    return into(out, _quantile(input, q, dim, keepdim, interpolation, True), "nanquantile")


def _nanmedian(x: Array, dim: int, keepdim: bool) -> tuple[Array, Array]:
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    order = _order(x, dim, False)
    count = (
        (~np.isnan(x)).sum(dim, keepdims=True) if x.dtype.kind == "f" else np.full_like(x.sum(dim, keepdims=True), x.shape[dim], np.int64)
    )
    at = np.take_along_axis(order, np.maximum((count - 1) // 2, 0).astype(np.int64), dim)
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim), at.squeeze(dim))


def _nanmedian_all_vjp(g: Any, x: Any, result: Any) -> Any:
    from .statistics import _even_share

    return _even_share(g, x, result, None, False)


nanmedian_all = Op(
    "nanmedian", lambda x: _nanmedian(x.reshape(-1), 0, False)[0], vjps=(_nanmedian_all_vjp,),
    formulas=(r"\bar{x}_i = \frac{[x_i = z]}{n}\,\bar{z}",),
)  # fmt: skip
nanmedian_row = Op(
    "nanmedian", _nanmedian, grad_fn="NanmedianBackward1", nondiff=(1,), vjps=(back_to_indices,), formulas=(r"\bar{x}[i] = \bar{z}",)
)


@export("torch method")
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The lower median, leaving nan out."""
    d = median_along(input, dim)
    if d is None:
        return apply(nanmedian_all, (input,))
    return return_type("nanmedian")(*apply(nanmedian_row, (input,), {"dim": d, "keepdim": keepdim}))


# -- covariances ----------------------------------------------------------------------------------------------------


def _must_weigh(name: str, w: Any, observations: int, whole: bool) -> None:
    data = w._data
    if data.ndim > 1:
        raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions but got {name} with {data.ndim} dimensions")
    if (data.dtype.kind in "iu") != whole:
        wanted = "integral" if whole else "floating point"
        raise RuntimeError(f"cov(): expected {name} to have {wanted} dtype but got {name} with {w.dtype.scalar_name} dtype")
    if data.size != observations:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got {data.size} != {observations}"
        )
    if observations and data.min() < 0:
        raise RuntimeError(f"cov(): {name} cannot be negative")


@export("torch method")
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """Covariances of rows of variables, columns of observations."""
    if input._data.ndim > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got an input with {input._data.ndim} dimensions")
    if input._data.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input if input._data.ndim == 2 else input.reshape(1, -1)
    n = x._data.shape[1]
    weights = None
    for name, w in (("fweights", fweights), ("aweights", aweights)):
        if w is not None:
            _must_weigh(name, w, n, name == "fweights")
            weights = w if weights is None else weights * w
    total = Tensor._of(np.array(n)) if weights is None else weights.sum()
    if weights is not None and total._data == 0:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    mean = (x if weights is None else x * weights).sum(1) / total
    if aweights is not None and correction != 0:
        factor = total - correction * (weights * aweights).sum() / total
    else:
        factor = total - correction
    if factor._data <= 0:
        warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations. "
            "(Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/Correlation.cpp:129.)",
            UserWarning,
        )
        factor = factor.zero_()  # never -0, of which the infinities would have the other sign
    centred = x - mean.unsqueeze(1)
    other = (centred if weights is None else centred * weights).t()
    return ((centred @ (other.conj() if other.is_complex() else other)) / factor).squeeze()


@export("torch method")
def corrcoef(input: Any) -> Any:
    """Correlations of rows of variables."""
    if input._data.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {input._data.ndim} dimensions"
        )
    c = cov(input)
    if not c._data.ndim:
        return c / c
    d = (c.diagonal().real if c.is_complex() else c.diagonal()).sqrt()
    found = c / d.unsqueeze(1) / d.unsqueeze(0)
    if found.is_complex():
        return apply(complex_row, (found.real.clip(-1, 1), found.imag.clip(-1, 1)))
    return found.clip(-1, 1)


# -- differences and integrals --------------------------------------------------------------------------------------


@export("torch method")
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, out: Any = None) -> Any:
    """n-th differences of neighbours."""
    if not input._data.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    d = one_dim(dim, input._data.ndim)
    if n == 0:
        return Tensor._of(np.zeros_like(input._data)).copy_(input)  # type: ignore[attr-defined]
    parts = [p for p in (prepend, input, append) if p is not None]
    for beside in (prepend, append):
        if beside is not None:
            _fits_beside(input._data.shape, beside._data.shape, d)
    x = cat_(parts, d) if len(parts) > 1 else input
    for _ in range(n):
        length = x._data.shape[d]
        if length == 0:
            break
        high, low = x.narrow(d, 1, length - 1), x.narrow(d, 0, length - 1)
        x = high.logical_xor(low) if x._data.dtype.kind == "b" else high - low
    return x.clone() if x is input else x  # of an empty dimension nothing is taken away


def _fits_beside(shape: tuple[int, ...], beside: tuple[int, ...], d: int) -> None:
    """Raise where what is put before or behind a tensor has another form."""
    if len(shape) != len(beside):
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    for k, (n, m) in enumerate(zip(shape, beside, strict=True)):
        if n != m and k != d:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; "
                f"input.size({k}) = {n}, but got tensor.size({k}) = {m}"
            )


def _slice(x: Any, d: int, start: int, stop: int) -> Any:
    return x.narrow(d, start, stop - start)


@export("torch", "trapezoid", "trapz")
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integral by the trapezoidal rule."""
    d = one_dim(dim, y._data.ndim)
    if x is not None:
        total = _trapezia("trapezoid", y, x, d).sum(d)
        return apply(div_number, (total, 2.0))
    if not y._data.shape[d]:
        return y.sum(d)
    ends = apply(mul_number, (y.select(d, 0) + y.select(d, -1), 0.5))
    return apply(mul_number, (y.sum(d) - ends, 1.0 if dx is None else dx))


@export("torch")
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integral up to each sample."""
    d = one_dim(dim, y._data.ndim)
    if x is not None:
        return apply(div_number, (_trapezia("cumulative_trapezoid", y, x, d).cumsum(d), 2.0))
    return apply(mul_number, (_neighbours(y, d), (1.0 if dx is None else dx) / 2)).cumsum(d)


def _neighbours(y: Any, d: int) -> Any:
    """The sums of samples that are side by side."""
    n = y._data.shape[d]
    return _slice(y, d, 1, n) + _slice(y, d, 0, n - 1) if n else y


def _trapezia(name: str, y: Any, x: Any, d: int) -> Any:
    """Twice the areas between the samples at x."""
    if any(t._data.dtype.kind == "b" for t in (x, y)):
        raise RuntimeError(f"{name}: received a bool input for `x` or `y`, but bool is not supported")
    if x._data.ndim == 1 and x._data.shape[0] != y._data.shape[d]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
    sums = _neighbours(y, d)
    if not y._data.shape[d]:
        return sums
    if x._data.ndim == 1:
        widths = diff(x).reshape([-1 if k == d else 1 for k in range(y._data.ndim)])
    else:
        widths = diff(x.reshape((1,) * (y._data.ndim - x._data.ndim) + tuple(x._data.shape)), dim=d)
    return sums * widths


@export("torch")
def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> Any:
    """Derivatives by central differences."""
    n = input._data.ndim
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    given = [dim] if isinstance(dim, int) else dim
    axes = list(dims(given, n)) if given is not None else list(range(n))
    if spacing is None:
        spacing = 1
    if isinstance(spacing, (int, float)):
        steps: list[Any] = [spacing] * len(axes)
    elif isinstance(spacing, Tensor):
        steps = [spacing]
    else:
        steps = list(spacing)
    if len(steps) != len(axes):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got "
            f"a spacing argument of length {len(steps)} and a dim argument of length {len(axes)}."
            if given is not None
            else "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
            f"{n}', since dim argument was not given, but got a list of length {len(steps)}"
        )
    for axis in axes:
        if input._data.shape[axis] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_central(input, axis, step, edge_order) for axis, step in zip(axes, steps, strict=True))


def _central(x: Any, d: int, step: Any, edge_order: int) -> Any:
    n = x._data.shape[d]

    def part(start: int, stop: int) -> Any:
        return _slice(x, d, start, stop)

    if isinstance(step, Tensor) and step._data.ndim:
        h = np.diff(readable(step._data))
        shape = [-1 if k == d else 1 for k in range(x._data.ndim)]
        a, b = (Tensor._of(cast(v.reshape(shape), x._data.dtype)) for v in (h[:-1], h[1:]))
        middle = part(0, n - 2) * (-b / (a * (a + b))) + part(1, n - 1) * ((b - a) / (a * b)) + part(2, n) * (a / (b * (a + b)))
        first_h, last_h = float(h[0]), float(h[-1])
        h0, h1, h2, h3 = first_h, float(h[1]) if len(h) > 1 else first_h, float(h[-2]) if len(h) > 1 else last_h, last_h
    else:
        s = float(step._data) if isinstance(step, Tensor) else float(step)
        middle = (part(2, n) - part(0, n - 2)) / (2 * s)
        first_h = last_h = h0 = h1 = h2 = h3 = s
    if edge_order == 1:
        first, last = (part(1, 2) - part(0, 1)) / first_h, (part(n - 1, n) - part(n - 2, n - 1)) / last_h
    else:
        first = (
            part(0, 1) * (-(2 * h0 + h1) / (h0 * (h0 + h1))) + part(1, 2) * ((h0 + h1) / (h0 * h1)) - part(2, 3) * (h0 / (h1 * (h0 + h1)))
        )
        last = (
            part(n - 3, n - 2) * (h3 / (h2 * (h2 + h3)))
            - part(n - 2, n - 1) * ((h3 + h2) / (h2 * h3))
            + part(n - 1, n) * ((h2 + 2 * h3) / (h3 * (h2 + h3)))
        )
    return cat_([first, middle, last], d)


__all__ = ["math", "mode_row", "nanmedian_row"]

"""Reading and writing along one dimension by a tensor of indices: gather, scatter, take_along_dim."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ...errors import sizes
from ...graph.saved import track
from ...half.bfloat16 import cast
from ...memory.inplace import apart, check_history, write, written_once
from ...modes import warn
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ..underived import no_derivative
from ..views.reshape import one_dim
from .index import emptied, place


def must_be_inside(x: Any, idx: Any, dim: int) -> None:
    n = x._data.shape[dim] if x._data.ndim else 1
    bad = idx._data[(idx._data < 0) | (idx._data >= n)]
    if bad.size:
        raise RuntimeError(f"index {bad.flat[0]} is out of bounds for dimension {dim} with size {n}")


def along(idx: Any, dim: int) -> tuple[Any, ...]:
    """The key with which an array is read, or written, at the places `idx` along a dimension."""
    shape = idx.shape
    if len(shape) == 1:
        return (idx,)
    mesh = (_mesh if sum(shape) <= _SHORT else _mesh.__wrapped__)(shape)
    return (*mesh[:dim], idx, *mesh[dim + 1 :])


_SHORT = 4096  # elements of a mesh that is remembered


@functools.lru_cache(maxsize=256)
def _mesh(shape: tuple[int, ...]) -> tuple[Any, ...]:
    """For each dimension its places, to be broadcast against those of the others."""
    return np.ix_(*map(np.arange, shape))


def _gather(x: Any, dim: int, idx: Any) -> Any:
    if not idx.size:
        return np.zeros(idx.shape, x.dtype)
    return x[along(idx, dim)] if x.ndim else x[()] + np.zeros(idx.shape, x.dtype)


def scatter_added(x: Any, src: Any, dim: int, idx: Any) -> Any:
    out = x.copy()
    if not idx.size:
        return out
    if out.ndim == 0:
        return np.asarray(out + np.sum(src, dtype=x.dtype), x.dtype)
    np.add.at(out, along(idx, dim), src[tuple(slice(n) for n in idx.shape)] if isinstance(src, np.ndarray) else src)
    return out


def zeros_like(shape: tuple[int, ...], like: Any) -> Any:
    return Tensor._of(np.zeros(shape, like._data.dtype)) if isinstance(like, Tensor) else np.zeros(shape, like.dtype)


def as_source(g: Any, shape: tuple[int, ...], idx: Any, name: str) -> Any:
    """A gathered cotangent for src, which has its shape in PyTorch, too, or none."""
    if idx.size and len(shape) == g.ndim and any(n not in (1, m) for n, m in zip(shape, g.shape, strict=True)):
        raise RuntimeError(
            f"Function {name} returned an invalid gradient at index 1 - got {sizes(tuple(g.shape))} but expected shape compatible with {sizes(shape)}"
        )
    return topmost(g, shape, idx)


def topmost(g: Any, shape: tuple[int, ...], idx: Any) -> Any:
    """A gathered cotangent in the shape of src, which may be larger than the index."""
    if tuple(g.shape) == tuple(shape):
        return g
    if not idx.size:
        return zeros_like(tuple(shape), g)
    if not shape:
        return g.reshape(())
    return place(g, shape=tuple(shape), key=tuple(slice(n) for n in idx.shape))


gather = Op(
    "gather", _gather, frees="idx", vjps=(lambda g, x, dim, idx: scatter_add(zeros_like(tuple(x.shape), g), g, dim=dim, idx=idx),),
    formulas=(r"\bar{x}[i] \mathrel{+}= \bar{z}",),
)  # fmt: skip
scatter_add = Op(
    "scatter_add", scatter_added, inputs=("x", "src"), frees="idx", frees_for="src",
    vjps=(lambda g: g, lambda g, src_shape, dim, idx: as_source(gather(g, dim=dim, idx=idx), src_shape, idx, "ScatterAddBackward0")),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip
scatter_back = scatter_add.named("ScatterBackward0")  # where no index comes twice: the way back of what chooses


def _scatter(x: Any, src: Any, dim: int, idx: Any) -> Any:
    out = x.copy()
    if not idx.size:
        return out
    values = src[tuple(slice(n) for n in idx.shape)] if isinstance(src, np.ndarray) and src.ndim else src
    if out.ndim == 0:
        return np.array(np.asarray(values).reshape(-1)[-1], x.dtype)
    out[along(idx, dim)] = values
    return out


_emptied = emptied.named("ScatterBackward1")


def scatter_self(g: Any, dim: int, idx: Any) -> Any:
    """A cotangent without what comes from the places that were written over."""
    return g if not idx.size else _emptied(g, key=along(idx, dim) if g.ndim else ...)


scatter_number = Op(
    "scatter", lambda x, dim, idx, value: _scatter(x, np.asarray(value, x.dtype), dim, idx), frees="idx", vjps=(lambda g, dim, idx: scatter_self(g, dim, idx),),
    grad_fn="ScatterBackward1", formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}",),
)  # fmt: skip
scatter = Op(
    "scatter", _scatter, inputs=("x", "src"), frees="idx",
    vjps=(scatter_self, lambda g, src_shape, dim, idx: as_source(gather(g, dim=dim, idx=idx), src_shape, idx, "ScatterBackward0")),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip


@export("torch method", "gather")
def gather_(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """out[i][j] = input[index[i][j]][j] for dim 0."""
    d = one_dim(dim, input._data.ndim)
    if index._data.dtype not in (np.int64, np.int32) and index._data.size:
        raise RuntimeError("gather(): Expected dtype int32/int64 for index")
    if index._data.ndim != input._data.ndim and index._data.size and input._data.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for k in range(input._data.ndim):
        if k != d and index._data.size and index._data.ndim and index._data.shape[k] > input._data.shape[k]:
            raise RuntimeError(
                f"Size does not match at dimension {k} expected index {sizes(index._data.shape)} to be no larger than self "
                f"{sizes(input._data.shape)} apart from dimension {d}"
            )
    must_be_inside(input, index, d)
    return into(out, track(apply(gather, (input,), {"dim": d, "idx": index._data.astype(np.int64, copy=False)}), index), "gather")


def must_scatter(x: Any, dim: int, index: Any, src: Any, inplace: bool) -> int:
    """PyTorch's checks of all that scatters (ScatterGatherChecks.h); the dimension, counted from the front."""
    d = one_dim(dim, x._data.ndim)
    if index._data.dtype not in (np.int64, np.int32) and index._data.size:
        raise RuntimeError("scatter(): Expected dtype int32/int64 for index")
    if isinstance(src, Tensor) and src._data.dtype is not x._data.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    if index._data.size:
        _must_fit(x, index, src, d)
    if inplace:
        written_once(x)
        for other in (index, src):
            if isinstance(other, Tensor):
                apart(x._data, other._data)
    return d


def _must_fit(x: Any, index: Any, src: Any, d: int) -> None:
    """Its checks of shapes."""
    n = max(x._data.ndim, 1)
    if max(index._data.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as self tensor")
    have, wanted = x._data.shape or (1,), index._data.shape or (1,)
    from_source = (src._data.shape or (1,) * n) if isinstance(src, Tensor) else wanted
    wrong = any(k != d and wanted[k] > have[k] for k in range(n))
    for k in range(n):
        if not wrong and k >= len(from_source):
            one_dim(k, len(from_source))
        wrong = wrong or wanted[k] > from_source[k]
    if isinstance(src, Tensor) and max(src._data.ndim, 1) != n:
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if wrong:
        told = f" and to be no larger size than src {sizes(src._data.shape)}" if isinstance(src, Tensor) else ""
        raise RuntimeError(
            f"Expected index {sizes(index._data.shape)} to be no larger than self {sizes(x._data.shape)} apart from dimension {d}{told}"
        )


_REDUCE = (
    "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future PyTorch release. Use "
    "torch.scatter_reduce instead for more reduction options. (Triggered internally at "
    "/__w/pytorch/pytorch/aten/src/ATen/native/TensorAdvancedIndexing.cpp:225.)"
)

_COMBINING = {"add": np.add, "multiply": np.multiply}


def _combined(x: Any, src: Any, dim: int, idx: Any, reduce: str) -> Any:
    out = np.atleast_1d(x.copy())
    if idx.size:
        values = src[tuple(slice(n) for n in idx.shape)] if isinstance(src, np.ndarray) and src.ndim else src
        _COMBINING[reduce].at(out, along(np.atleast_1d(idx), dim), values)
    return out.reshape(x.shape)


# With `reduce` PyTorch has no derivative: by a number, and by a tensor.
_underived = {
    name: (
        Op("scatter", lambda x, dim, idx, reduce, value: _combined(x, x.dtype.type(value), dim, idx, reduce), grad_fn="NotImplemented",
           vjps=(no_derivative(name),), formulas=("",)),
        Op("scatter", _combined, inputs=("x", "src"), grad_fn="NotImplemented", vjps=(no_derivative(name),) * 2, formulas=("", "")),
    )
    for name in ("scatter", "scatter_", "scatter_add", "scatter_add_")
}  # fmt: skip


def _scatter_public(name: str, row: Op) -> None:
    def checked(self: Any, dim: int, index: Any, src: Any, inplace: bool) -> int:
        if inplace:
            check_history(self)
        d = must_scatter(self, dim, index, src, inplace)
        must_be_inside(self, index, d)
        return d

    def run(self: Any, dim: int, index: Any, src: Any, inplace: bool) -> Any:
        d = checked(self, dim, index, src, inplace)
        if not isinstance(src, Tensor) and row is scatter:
            by_number = {"dim": d, "idx": index._data.astype(np.int64, copy=False), "value": src}
            if inplace:
                return write(scatter_number, self, (), by_number, kept=(index,))
            return track(apply(scatter_number, (self,), by_number), index)
        given = src if isinstance(src, Tensor) else Tensor._of(cast(np.full(index._data.shape, src), self._data.dtype))
        params = {"dim": d, "idx": index._data.astype(np.int64, copy=False)}
        return write(row, self, (given,), params, kept=(index,)) if inplace else track(apply(row, (self, given), params), index)

    def reduced(self: Any, dim: int, index: Any, given: Any, reduce: str, inplace: bool) -> Any:
        if isinstance(given, Tensor):
            warn(_REDUCE)
        if reduce not in _COMBINING:
            raise RuntimeError("reduce argument must be either add or multiply.")
        d = checked(self, dim, index, given, inplace)
        params = {"dim": d, "idx": index._data.astype(np.int64, copy=False), "reduce": reduce}
        by_number, by_tensor = _underived[name + "_" * inplace]
        if not isinstance(given, Tensor):
            params["value"] = given
            return write(by_number, self, (), params) if inplace else apply(by_number, (self,), params)
        return write(by_tensor, self, (given,), params) if inplace else apply(by_tensor, (self, given), params)

    def function(
        input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None, out: Any = None
    ) -> Any:
        given = src if src is not None else value
        return run(input, dim, index, given, False) if reduce is None else reduced(input, dim, index, given, reduce, False)

    def write_method(self: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
        given = src if src is not None else value
        return run(self, dim, index, given, True) if reduce is None else reduced(self, dim, index, given, reduce, True)

    function.__name__ = name
    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_scatter_public("scatter", scatter)
_scatter_public("scatter_add", scatter_add)


@export("torch method")
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """gather with broadcasting."""
    if dim is not None and input._data.ndim != indices._data.ndim:
        raise RuntimeError(
            f"torch.take_along_dim(): input and indices should have the same number of dimensions, but got {input._data.ndim} dimensions for input, "
            f"and {indices._data.ndim} dimensions for indices"
        )
    if indices._data.dtype != np.int64 and (dim is not None or indices._data.size):
        words = "torch.take_along_dim(): dtype of indices should be Long but got "
        raise RuntimeError("gather(): Expected dtype int32/int64 for index" if dim is None else words + indices.dtype.scalar_name)
    if dim is None:
        return gather_(input.view(-1), 0, indices.view(-1))
    d = one_dim(dim, input._data.ndim)
    a, b = list(input._data.shape), list(indices._data.shape)
    a[d] = b[d] = 1
    common = list(np.broadcast_shapes(tuple(a), tuple(b)))
    common[d] = input._data.shape[d]
    x = input.expand(tuple(common))
    common[d] = indices._data.shape[d]
    return gather_(x, d, _wrapped(indices.expand(tuple(common)), x._data.shape[d]))


def _wrapped(indices: Any, n: int) -> Any:
    """Indices as PyTorch counts them along a dimension: what is beyond either end goes round."""
    if not n and indices._data.size:
        raise RuntimeError("ZeroDivisionError")
    return Tensor._of(indices._data % max(n, 1))

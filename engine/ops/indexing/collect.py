"""Collecting by index: scatter_reduce, index_reduce, masked_scatter, put, repeat_interleave, unfold, and the pieces of a whole written anew."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...dtypes import BY_NUMPY
from ...errors import cannot_broadcast, expanded, sizes
from ...graph.saved import track
from ...half.bfloat16 import cast, readable
from ...memory.inplace import check_history, write
from ...modes import warn_once
from ...naming.namespace import export
from ...naming.rows import into
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..pointwise.elementwise import where
from ..views.reshape import diagonal, must_be_plane, one_dim
from ..views.shape import sizes_of
from .gather import along, as_source, gather, must_be_inside, must_scatter, scatter_added, scatter_self, topmost, zeros_like
from .index import emptied, place, select
from .index_checks import must_match
from .masked import fill_number

Array = np.ndarray[Any, Any]
_REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def _plain(x: Any) -> Array:
    found: Array = readable(x._data) if isinstance(x, Tensor) else np.asarray(x)
    return found


def _like(data: Array, model: Any) -> Any:
    if not isinstance(model, Tensor):
        return data
    return Tensor._of(cast(np.asarray(data), model._data.dtype) if data.dtype.kind == "f" else np.asarray(data))


# -- scatter_reduce -------------------------------------------------------------------------------------------------


def _reduced(x: Array, src: Array, dim: int, idx: Array, reduce: str, include_self: bool) -> Array:
    if not idx.size:
        return x.copy()
    if not x.ndim:
        return _reduced(x.reshape(1), src.reshape(-1)[: idx.size], 0, idx.reshape(-1), reduce, include_self).reshape(())
    at = along(idx, dim)
    values = src[tuple(slice(n) for n in idx.shape)]
    out = x.copy()
    if not include_self:
        if reduce in ("amax", "amin"):
            low, high = _ends(x.dtype)
            out[at] = low if reduce == "amax" else high
        else:
            out[at] = 1 if reduce == "prod" else 0
    if reduce in ("sum", "mean"):
        np.add.at(out, at, values)
    elif reduce == "prod":
        np.multiply.at(out, at, values)
    else:
        (np.maximum if reduce == "amax" else np.minimum).at(out, at, values)
    if reduce == "mean":
        count = _counts(x.shape, dim, idx, include_self)
        out = (out / count).astype(x.dtype) if x.dtype.kind == "f" else np.floor_divide(out, count.astype(x.dtype))
    return out


def _counts(shape: tuple[int, ...], dim: int, idx: Array, include_self: bool) -> Array:
    """How many values went into each place, at least 1."""
    count = np.ones(shape) if include_self else np.zeros(shape)
    np.add.at(count, along(idx, dim), 1)
    return np.maximum(count, 1)


def _ends(dtype: Any) -> tuple[Any, Any]:
    if dtype.kind == "f":
        return -math.inf, math.inf
    limits = np.iinfo(dtype) if dtype.kind in "iu" else None
    return (limits.min, limits.max) if limits is not None else (False, True)


def _reduced_vjp(g: Any, x: Any, src: Any, result: Any, dim: int, idx: Array, reduce: str, include_self: bool) -> tuple[Any, Any]:
    if not x.ndim if isinstance(x, np.ndarray) else not x._data.ndim:
        gx, gs = _reduced_vjp(g.reshape(1), x.reshape(1), src.reshape(-1), result.reshape(1), 0, idx.reshape(-1), reduce, include_self)
        return gx.reshape(()), gs.reshape(src.shape)
    shape, src_shape = tuple(x.shape), tuple(src.shape)
    if not idx.size:
        return g, zeros_like(src_shape, g)
    hit = np.zeros(shape, bool)
    hit[along(idx, dim)] = True
    outside = (~hit).astype(_plain(g).dtype) if not include_self else np.ones(shape, _plain(g).dtype)
    if reduce in ("sum", "mean"):
        if reduce == "mean":
            g = g / _like(_counts(shape, dim, idx, include_self).astype(_plain(g).dtype), g)
        to_self = g if include_self else scatter_self(g, dim, idx)
        return to_self, as_source(gather(g, dim=dim, idx=idx), src_shape, idx, "ScatterReduceBackward0")
    used = src if src_shape == idx.shape else src[tuple(slice(n) for n in idx.shape)]
    if reduce == "prod":
        return _product_vjp(g, x, used, src_shape, result, dim, idx, include_self, outside)
    same_self = (_plain(x) == _plain(result)) if include_self else np.zeros(shape, bool)
    same_src = _plain(used) == _plain(gather(result, dim=dim, idx=idx))
    count = scatter_added(same_self.astype(np.float64), same_src.astype(np.float64), dim, idx)
    share = g / _like(np.maximum(count, 1).astype(_plain(g).dtype), g)
    to_self = share * _like((same_self if include_self else ~hit).astype(_plain(g).dtype), g)
    to_src = gather(share, dim=dim, idx=idx) * _like(same_src.astype(_plain(g).dtype), g)
    return to_self, topmost(to_src, src_shape, idx)


def _product_vjp(
    g: Any, x: Any, src: Any, src_shape: Any, result: Any, dim: int, idx: Array, include_self: bool, outside: Array
) -> tuple[Any, Any]:
    """result / factor; where zeros are among the factors, the product of all others (differentiable too)."""
    xd, sd = _plain(x), _plain(src)
    one = np.ones((), xd.dtype)
    if not (sd == 0).any() and not (include_self and (xd == 0).any()):
        to_self = g * result / x if include_self else g * _like(outside, g)
        return to_self, topmost(gather(g * result, dim=dim, idx=idx) / src, src_shape, idx)
    base = xd if include_self else np.where(outside == 1, xd, one)
    zeros = (base == 0).astype(np.int64)
    np.add.at(zeros, along(idx, dim), sd == 0)
    from_self, from_src = _like(xd == 0, x), _like(sd == 0, src)
    start = where(from_self, _like(one, x), x) if include_self else _like(np.where(outside == 1, xd, one), x)
    rest = _multiplied(start, where(from_src, _like(one, src), src), dim, idx)
    at = zeros[along(idx, dim)]
    kind = _plain(g).dtype

    def others(is_zero: Any, factor: Any, products: Any, count: Array) -> Any:
        alone = _like((_plain(is_zero) & (count == 1)).astype(kind), g)
        without = _like((~_plain(is_zero) & (count == 0)).astype(kind), g)
        return products * alone + products / where(is_zero, _like(one, factor), factor) * without

    to_self = g * others(from_self, x, rest, zeros) if include_self else g * _like(outside, g)
    to_src = gather(g, dim=dim, idx=idx) * others(from_src, src, gather(rest, dim=dim, idx=idx), at)
    return to_self, topmost(to_src, src_shape, idx)


def _multiplied(x: Any, src: Any, dim: int, idx: Array) -> Any:
    return scatter_reduce_row(x, src, dim=dim, idx=idx, reduce="prod", include_self=True)


scatter_reduce_row = Op(
    "scatter_reduce", _reduced, inputs=("x", "src"), frees="idx", joint=_reduced_vjp, formulas=(r"\bar{x} = \bar{z}\,\partial z/\partial x", r"\bar{s} = \bar{z}[i]\,\partial z/\partial s")
)  # fmt: skip
index_reduce_row = Op(
    "index_reduce", _reduced, inputs=("x", "src"), frees="idx", joint=_reduced_vjp, formulas=(r"\bar{x} = \bar{z}\,\partial z/\partial x", r"\bar{s} = \bar{z}[i]\,\partial z/\partial s")
)  # fmt: skip


def _reduction(name: str, reduce: str, known: tuple[str, ...]) -> str:
    if reduce not in known:
        raise RuntimeError(
            f"{name} argument must be {'either ' if len(known) < 5 else ''}{', '.join(known[:-1])} or {known[-1]}, got {reduce}."
        )
    return reduce


def _scatter_params(input: Any, dim: int, index: Any, src: Any, reduce: str, include_self: bool, inplace: bool = False) -> dict[str, Any]:
    if inplace:
        check_history(input)
    d = must_scatter(input, dim, index, src, inplace)
    reduce = {"max": "amax", "min": "amin"}.get(reduce, reduce)
    if reduce not in _REDUCTIONS:
        raise RuntimeError("reduce argument must be either sum, prod, mean, amax or amin, got " + str(reduce))
    must_be_inside(input, index, d)
    return {"dim": d, "idx": index._data, "reduce": reduce, "include_self": bool(include_self)}


@export("torch method")
def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True, out: Any = None) -> Any:
    """Values of `src` put together at the places that `index` names."""
    made = apply(scatter_reduce_row, (input, src), _scatter_params(input, dim, index, src, reduce, include_self))
    return into(out, track(made, index), "scatter_reduce")


@export("method")
def scatter_reduce_(self: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
    """scatter_reduce into the tensor itself."""
    return write(scatter_reduce_row, self, (src,), _scatter_params(self, dim, index, src, reduce, include_self, True), kept=(index,))


def _index_params(input: Any, dim: int, index: Any, source: Any, reduce: str, include_self: bool, inplace: bool = False) -> dict[str, Any]:
    if inplace:
        check_history(input)
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    d = must_match("index_reduce", input, dim, index, source, inplace)
    warn_once(kernel_warning("index_reduce"))
    shape = [1] * max(source._data.ndim, 1)
    if source._data.ndim:
        shape[d] = -1
    idx = np.broadcast_to(index._data.reshape(shape), source._data.shape if source._data.ndim else (1,))
    return {"dim": d, "idx": idx, "reduce": reduce, "include_self": bool(include_self)}


@export("torch method")
def index_reduce(input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True, out: Any = None) -> Any:
    """Slices of `source` put together at the places that `index` names."""
    made = apply(index_reduce_row, (input, source), _index_params(input, dim, index, source, reduce, include_self))
    return into(out, track(made, index), "index_reduce")


@export("method")
def index_reduce_(self: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True) -> Any:
    """index_reduce into the tensor itself."""
    return write(index_reduce_row, self, (source,), _index_params(self, dim, index, source, reduce, include_self, True), kept=(index,))


# -- masks, put -----------------------------------------------------------------------------------------------------


def _masked_scatter(x: Array, source: Array, mask: Array) -> Array:
    shape = np.broadcast_shapes(x.shape, mask.shape)
    out = np.array(np.broadcast_to(x, shape), order="C")
    where = np.broadcast_to(mask, shape)
    out[where] = source.reshape(-1)[: int(where.sum())]
    return out


def _masked_source_vjp(g: Any, source_shape: Any, mask: Array) -> Any:
    count = math.prod(source_shape)
    where = np.broadcast_to(mask, tuple(g.shape))
    flat = np.flatnonzero(where.reshape(-1))
    if isinstance(g, np.ndarray):
        out = np.zeros(count, g.dtype)
        out[: len(flat)] = g.reshape(-1)[flat]
        return out.reshape(source_shape)
    picked = g.reshape(-1)[Tensor._of(flat)]
    return place(picked, shape=(count,), key=(slice(len(flat)),)).reshape(source_shape)


masked_scatter_row = Op(
    "masked_scatter", _masked_scatter, inputs=("x", "source"), frees="mask",
    vjps=(lambda g, mask: fill_number(g, _like(np.broadcast_to(mask, tuple(g.shape)), g), 0), _masked_source_vjp),
    formulas=(r"\bar{x} = \bar{z} \odot \neg m", r"\bar{s} = \bar{z}[m]"),
)  # fmt: skip


def _masked(mask: Any, input: Any, source: Any) -> dict[str, Any]:
    if mask._data.dtype.kind != "b":
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype.scalar_name}")
    wanted = np.broadcast_to(mask._data, np.broadcast_shapes(mask._data.shape, input._data.shape))
    if np.count_nonzero(wanted) > source._data.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return {"mask": mask._data}


@export("torch method")
def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """Where the mask is True, the next element of the source."""
    told = cannot_broadcast(mask._data.shape, input._data.shape)
    if told is not None:
        raise told
    return track(apply(masked_scatter_row, (input, source), _masked(mask, input, source)), mask)


@export("method")
def masked_scatter_(self: Any, mask: Any, source: Any) -> Any:
    """masked_scatter into the tensor itself."""
    expanded(mask._data, self._data.shape)
    return write(masked_scatter_row, self, (source,), _masked(mask, self, source), kept=(mask,))


def _put(x: Array, source: Array, idx: Array, accumulate: bool) -> Array:
    out = x.copy().reshape(-1)
    if accumulate:
        np.add.at(out, idx.reshape(-1), source.reshape(-1))
    else:
        out[idx.reshape(-1)] = source.reshape(-1)
    return out.reshape(x.shape)


_emptied_flat = emptied.named("PutBackward0")
put_row = Op(
    "put", _put, inputs=("x", "source"), frees="idx",
    vjps=(
        lambda g, idx, accumulate: g if accumulate else _emptied_flat(g.reshape((-1,)), key=(idx.reshape(-1),)).reshape(tuple(g.shape)),
        lambda g, source, idx: (g.reshape(-1)[idx.reshape(-1)] if isinstance(g, np.ndarray) else g.reshape(-1)[Tensor._of(idx.reshape(-1))]).reshape(tuple(source.shape)),
    ),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[i]"),
)  # fmt: skip


def _must_fit_put(x: Any, index: Any, source: Any) -> None:
    """PyTorch's checks of put_ (TensorAdvancedIndexing.cpp)."""
    idx, n = index._data, x._data.size
    if idx.size != source._data.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {source._data.size}, index.numel() = {idx.size}"
        )
    if idx.size and not n:
        raise IndexError("put_(): Tried to put elements into an empty tensor")
    bad = idx[(idx < -n) | (idx >= n)]
    if bad.size:
        raise IndexError(f"out of range: tried to access index {bad.flat[0]} on a tensor of {n} elements.")


@export("torch method")
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """Elements of the source at flat places."""
    _must_fit_put(input, index, source)
    return track(apply(put_row, (input, source), {"idx": index._data, "accumulate": bool(accumulate)}), index)


@export("method")
def put_(self: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """put into the tensor itself."""
    _must_fit_put(self, index, source)
    return write(put_row, self, (source,), {"idx": index._data, "accumulate": bool(accumulate)}, kept=(index,))


# -- pieces written anew --------------------------------------------------------------------------------------------


def _key_of(dim: int, at: Any) -> tuple[Any, ...]:
    return (slice(None),) * dim + (at,)


def _written(x: Array, src: Array, key: Any) -> Array:
    out = x.copy()
    out[key] = src
    return out


def _written_row(name: str) -> Op:
    return Op(
        name, _written, inputs=("x", "src"),
        vjps=(
            lambda g, key: emptied(g, key=key),
            lambda g, key: g[key],
        ),
        formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \bar{z}[\mathrm{piece}]"),
    )  # fmt: skip


select_scatter_row, slice_scatter_row = _written_row("select_scatter"), _written_row("slice_scatter")


def _must_fill(src: Any, slice_shape: tuple[int, ...]) -> None:
    if src._data.shape != slice_shape:
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {sizes(src._data.shape)}, slice size = {sizes(slice_shape)}"
        )


@export("torch method")
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """The input with one slice taken from `src`."""
    key = _key_of(*_selected(input, dim, index))
    _must_fill(src, input._data[key].shape)
    return apply(select_scatter_row, (input, src), {"key": key})


@export("torch method")
def slice_scatter(input: Any, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    """The input with a range of slices taken from `src`."""
    if not input._data.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    key = _key_of(one_dim(dim, input._data.ndim), slice(start, end, step))
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    _must_fill(src, input._data[key].shape)
    return apply(slice_scatter_row, (input, src), {"key": key})


def _diagonal_scatter(x: Array, src: Array, offset: int, dim1: int, dim2: int) -> Array:
    out = x.copy()
    view = np.diagonal(out, offset, dim1, dim2)
    view.flags.writeable = True
    view[...] = src
    return out


diagonal_scatter_row = Op(
    "diagonal_scatter", _diagonal_scatter, inputs=("x", "src"),
    vjps=(
        lambda g, offset, dim1, dim2: diagonal_scatter_row(g, np.zeros((), _plain(g).dtype), offset=offset, dim1=dim1, dim2=dim2),
        lambda g, offset, dim1, dim2: np.diagonal(g, offset, dim1, dim2) if isinstance(g, np.ndarray) else g.diagonal(offset, dim1, dim2),
    ),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{elsewhere}", r"\bar{s} = \mathrm{diag}(\bar{z})"),
)  # fmt: skip


@export("torch method")
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The input with a diagonal taken from `src`."""
    plane = {"offset": offset, **must_be_plane(dim1, dim2, input._data.ndim)}
    _must_fill(src, diagonal.forward(input._data, **plane).shape)
    return apply(diagonal_scatter_row, (input, src), plane)


@export("torch method", "select")
def select_(input: Any, dim: int, index: int) -> Any:
    """One slice along a dimension, as a view."""
    d, i = _selected(input, dim, index)
    return apply(select, (input,), {"dim": d, "index": i})


def _selected(input: Any, dim: int, index: int) -> tuple[int, int]:
    """The dimension and the place in it, counted from the front; raises where there is none."""
    if not input._data.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d = one_dim(dim, input._data.ndim)
    size = input._data.shape[d]
    i = int(index)
    if not -size <= i < size:
        raise IndexError(f"select(): index {i} out of range for tensor of size {list(input._data.shape)} at dimension {d}")
    return d, i % size


# -- windows and repetition -----------------------------------------------------------------------------------------


def _windows(x: Array, dim: int, size: int, step: int) -> Array:
    if not x.ndim:
        return np.broadcast_to(x, (1,) if size else (0,))
    seen = (
        np.lib.stride_tricks.sliding_window_view(x, size, axis=dim, writeable=True)
        if size
        else np.zeros((*_zero_windows(x, dim), 0), x.dtype)
    )
    found: Array = seen[_key_of(dim, slice(None, None, step))]
    return found


def _zero_windows(x: Array, dim: int) -> tuple[int, ...]:
    shape = list(x.shape)
    shape[dim] += 1
    return tuple(shape)


def _windows_vjp(g: Any, x_shape: Any, dim: int, size: int, step: int) -> Any:
    return unfold_backward(g, shape=tuple(x_shape), dim=dim, size=size, step=step)


def _unwindow(g: Array, shape: tuple[int, ...], dim: int, size: int, step: int) -> Array:
    out = np.zeros(shape, g.dtype)
    if not shape:
        return np.asarray(g.sum(), g.dtype)
    count = g.shape[dim]
    for k in range(size):
        out[_key_of(dim, slice(k, k + (count - 1) * step + 1, step))] += g[..., k]
    return out


unfold_row = Op("unfold", _windows, view=True, vjps=(_windows_vjp,), formulas=(r"\bar{x}_i = \textstyle\sum \bar{z}_{w \ni i}",))
unfold_backward = Op(
    "unfold_backward", _unwindow, inputs=("g",), vjps=(lambda g, dim, size, step: unfold_row(g, dim=dim, size=size, step=step),), formulas=(r"\bar{g} = \mathrm{unfold}(\bar{z})",)
)  # fmt: skip


@export("method")
def unfold(self: Any, dimension: int, size: int, step: int) -> Any:
    """All windows of a size along a dimension, as a view."""
    d = one_dim(dimension, self._data.ndim)
    length = self._data.shape[d] if self._data.ndim else 1
    if size > length:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {length} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return apply(unfold_row, (self,), {"dim": d, "size": size, "step": step})


@export("torch method")
def repeat_interleave(input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None) -> Any:
    """Each element (or slice) so many times."""
    if repeats is None:
        return Tensor._of(_repeated(input._data, output_size))
    x = input.reshape(-1) if dim is None and input._data.ndim != 1 else input
    if isinstance(repeats, Tensor):
        return _by_counts(x, repeats, 0 if dim is None else dim, output_size)
    d = 0 if dim is None else one_dim(dim, x._data.ndim)
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    if isinstance(repeats, int):  # PyTorch: expanded, copied, flattened
        shape = x._data.shape
        if output_size is not None and output_size != shape[d] * repeats:
            raise RuntimeError(f"repeat_interleave: Invalid output_size, expected {shape[d] * repeats} but got {output_size}")
        wide = x.unsqueeze(d + 1).expand(*shape[: d + 1], repeats, *shape[d + 1 :]).clone()
        return wide.flatten(d, d + 1)
    return _by_counts(x, Tensor._of(np.asarray(repeats)), d, output_size)


def _repeated(counts: Array, output_size: int | None = None) -> Array:
    """The number of each count, as often as it says."""
    if counts.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if counts.dtype not in (np.int64, np.int32):
        raise NotImplementedError(f"\"repeat_interleave_cpu\" not implemented for '{BY_NUMPY[counts.dtype].scalar_name}'")
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    if output_size is not None and output_size != counts.sum():
        raise RuntimeError("allocated size does not match required size")
    return np.repeat(np.arange(counts.size), counts)


def _by_counts(x: Any, repeats: Any, dim: int, output_size: int | None) -> Any:
    counts, n = repeats._data, x._data.ndim
    if counts.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if not n:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = one_dim(dim, n)
    length = x._data.shape[d]
    if not counts.ndim or counts.size == 1:
        counts = np.broadcast_to(counts.reshape(-1), (length,))
    elif counts.size != length:
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {counts.size} and input.size({dim}) = {length}"
        )
    return x.index_select(d, Tensor._of(_repeated(counts, output_size)))


@export("method")
def sum_to_size(self: Any, *size: Any, **named: Any) -> Any:
    """Summed over what broadcasting had widened."""
    shape = sizes_of(tuple(named.values()) or size)
    have = self._data.shape
    over = list(range(len(have) - len(shape)))
    over += [k + len(over) for k, s in enumerate(shape) if s == 1 and have[k + len(have) - len(shape)] != 1]
    if len(shape) > len(have) or any(s not in (1, h) for s, h in zip(shape, have[len(have) - len(shape) :], strict=True)):
        raise RuntimeError(f"size {{{list(shape)}}} is not expandable to size {{{list(have)}}}.")
    if not shape:
        return self.sum()
    if not over:
        return self
    total = self.sum(tuple(over), keepdim=True)
    return total if total._data.shape == tuple(shape) else total.view(shape)


__all__ = ["put_row", "scatter_reduce_row", "unfold_row"]

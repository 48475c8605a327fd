"""Joining tensors and taking them apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...arrays.channels_last import are_pictures, as_pictures
from ...dtypes import BY_NUMPY, get_default_dtype, promote
from ...errors import class_name, sizes
from ...modes import warn_once
from ...naming.namespace import export
from ...naming.rows import into, invalid_combination
from ...op import Op, apply
from ...tensor import Tensor
from .reshape import one_dim


def _cat_vjp(g: Any, tensors_shape: Any, dim: int) -> tuple[Any, ...]:
    out, at = [], 0
    for shape in tensors_shape:
        if shape == (0,) and g.ndim != 1:  # legacy empty tensors join anything
            out.append(g[(slice(0, 0),) * g.ndim].reshape(0))
            continue
        n = shape[dim]
        out.append(narrow(g, dim=dim, start=at, length=n))
        at += n
    return tuple(out)


def _concatenated(tensors: Any, dim: int) -> Any:
    full = tuple(t for t in tensors if t.shape != (0,))
    return as_pictures(in_rows(np.concatenate(full or tensors[:1], dim)), bool(full) and all(map(are_pictures, full)))


cat = Op(
    "cat", _concatenated, inputs=("*tensors",), joint=_cat_vjp,
    formulas=(r"\bar{x}_k = \bar{z}[\mathrm{part}\ k]",),
)  # fmt: skip


def _stacked(tensors: Any, dim: int) -> Any:
    shape = tensors[0].shape
    if dim == len(shape) or type(tensors[0]) is not np.ndarray:
        return in_rows(np.stack(tensors, dim))
    return in_rows(np.concatenate(tensors, dim)).reshape((*shape[:dim], len(tensors), *shape[dim:]))  # the same in half the time


def _stack_vjp(g: Any, dim: int) -> Any:
    if not isinstance(g, np.ndarray):
        return unbind(g, dim=dim)
    before: Any = (slice(None),) * dim
    return tuple([g[(*before, k)] for k in range(g.shape[dim])])


stack_row = Op(
    "stack", _stacked, inputs=("*tensors",), joint=_stack_vjp,
    formulas=(r"\bar{x}_k = \bar{z}_k",),
)  # fmt: skip
narrow = Op(
    "slice", lambda x, dim, start, length: x[(slice(None),) * dim + (slice(start, start + length),)], view=True, grad_fn="SliceBackward0",
    vjps=(lambda g, x_shape, dim, start, length: pad_into(g, shape=x_shape, dim=dim, start=start, length=length),),
    formulas=(r"\bar{x}[\mathrm{slice}] = \bar{z}",),
)  # fmt: skip


def _padded(g: Any, shape: tuple[int, ...], dim: int, start: int, length: int) -> Any:
    out = np.zeros(shape, g.dtype)
    out[(slice(None),) * dim + (slice(start, start + length),)] = g
    return out


pad_into = Op(
    "slice_backward",
    _padded,
    vjps=(lambda g, dim, start, length: narrow(g, dim=dim, start=start, length=length),),
    formulas=(r"\bar{x} = \bar{z}",),
)


def _many_back(g: Any, parts: list[tuple[int, int]], shape: tuple[int, ...], dim: int) -> Any:
    """Cotangents of pieces put side by side; a piece without one counts as zeros."""
    made = []
    for k, (_, n) in enumerate(parts):
        piece = g[k] if isinstance(g, (list, tuple)) else g
        if piece is None:
            like = next(p for p in g if p is not None)
            data = np.zeros((*shape[:dim], n, *shape[dim + 1 :]), like.dtype if isinstance(like, np.ndarray) else like._data.dtype)
            piece = data if isinstance(like, np.ndarray) else Tensor._of(data)
        made.append(piece)
    return cat(made, dim=dim)


split_row = Op(
    "split", lambda x, parts, dim: tuple(x[(slice(None),) * dim + (slice(s, s + n),)] for s, n in parts), view=True,
    vjps=(lambda g, x_shape, parts, dim: _many_back(g, parts, x_shape, dim),), formulas=(r"\bar{x} = [\bar{z}_1\ \bar{z}_2 \dots]",),
)  # fmt: skip
split_sizes_row = Op(
    "split_with_sizes", split_row.forward, view=True, grad_fn="SplitWithSizesBackward0", vjps=split_row.vjps, formulas=split_row.formulas
)
_unsafe_split = split_row.named("UnsafeSplitBackward0")  # of the gates of recurrent layers


def _unbind_back(g: Any, shape: tuple[int, ...], dim: int) -> Any:
    rows = g if isinstance(g, (list, tuple)) else [g]
    like = next(p for p in rows if p is not None)
    zeros = np.zeros(shape[:dim] + shape[dim + 1 :], like.dtype if isinstance(like, np.ndarray) else like._data.dtype)
    full = [r if r is not None else zeros if isinstance(like, np.ndarray) else Tensor._of(zeros) for r in rows]
    return stack_row(full, dim=dim)


unbind = Op(
    "unbind", lambda x, dim: tuple(np.moveaxis(x, dim, 0)[k, ...] for k in range(x.shape[dim])), view=True,
    vjps=(lambda g, x_shape, dim: _unbind_back(g, x_shape, dim),), formulas=(r"\bar{x} = [\bar{z}_1\ \bar{z}_2 \dots]",),
)  # fmt: skip


def _common(tensors: Any) -> tuple[Any, ...]:
    first = tensors[0]._data.dtype
    if all(t._data.dtype is first for t in tensors):
        return tuple(tensors)
    kinds = [t.dtype for t in tensors]
    common = kinds[0]
    for d in kinds[1:]:
        common = promote(common, d)
    return tuple(t.to(common) if t.dtype is not common else t for t in tensors)


def _listed(tensors: Any, name: str) -> tuple[Any, ...]:
    if isinstance(tensors, (list, tuple)):
        return tuple(tensors)
    raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {class_name(tensors)}")


@export("torch", "cat", "concat", "concatenate")
def cat_(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors one after the other along a dimension."""
    given = _listed(tensors, "cat")
    if not given:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for k, t in enumerate(given):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 0, but got {class_name(t)}")
        if t._data.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {k}) cannot be concatenated")
    full = [t for t in given if t._data.shape != (0,)] or [given[0]]
    d = one_dim(dim, full[0]._data.ndim)
    first = full[0]._data.shape
    for k, t in enumerate(given):
        shape = t._data.shape
        if shape == (0,):
            continue
        if len(shape) != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
        for axis, (a, b) in enumerate(zip(first, shape, strict=True)):
            if axis != d and a != b:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {a} but got size {b} for tensor number {k} in the list."
                )
    kept = _common(given)
    return into(out, apply(cat, kept, {"dim": d}), "cat")


@export("torch", "stack")
def stack(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """Tensors of one shape along a new dimension."""
    given = _listed(tensors, "stack")
    if not given:
        raise RuntimeError("stack expects a non-empty TensorList")
    first = given[0]._data.shape
    one_dim(dim, len(first) + 1)
    for k, t in enumerate(given):
        if t._data.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {sizes(first)} at entry 0 and {sizes(t._data.shape)} at entry {k}"
            )
    return into(out, apply(stack_row, _common(given), {"dim": one_dim(dim, len(first) + 1)}), "stack")


@export("torch", "hstack")
def hstack(tensors: Any, *, out: Any = None) -> Any:
    """Side by side."""
    if not len(tensors):
        raise RuntimeError("hstack expects a non-empty TensorList")
    given = [t.reshape(1) if t._data.ndim == 0 else t for t in tensors]
    return cat_(given, 0 if given[0]._data.ndim == 1 else 1)


@export("torch", "vstack", "row_stack")
def vstack(tensors: Any, *, out: Any = None) -> Any:
    """One below the other."""
    if not len(tensors):
        raise RuntimeError("vstack expects a non-empty TensorList")
    from ...naming.namespace import TORCH

    return cat_([TORCH["atleast_2d"](t) for t in tensors], 0)


@export("torch", "dstack")
def dstack(tensors: Any, *, out: Any = None) -> Any:
    """One behind the other."""
    if not len(tensors):
        raise RuntimeError("dstack expects a non-empty TensorList")
    from ...naming.namespace import TORCH

    return cat_([TORCH["atleast_3d"](t) for t in tensors], 2)


@export("torch", "column_stack")
def column_stack(tensors: Any, *, out: Any = None) -> Any:
    """Vectors as columns."""
    if not len(tensors):
        raise RuntimeError("column_stack expects a non-empty TensorList")
    return cat_([t.reshape(-1, 1) if t._data.ndim < 2 else t for t in tensors], 1)


def _pieces(name: str, row: Op, x: Any, lengths: list[int], dim: int) -> Any:
    parts, at = [], 0
    for n in lengths:
        parts.append((at, n))
        at += n
    return apply(row, (x,), {"parts": parts, "dim": dim})


export("method", "split")(lambda self, split_size, dim=0: split(self, split_size, dim))


@export("torch", "split")
def split(tensor: Any, split_size_or_sections: Any, dim: int = 0) -> Any:
    """Pieces of a size, or of given sizes."""
    return _split("split", split_row, tensor, split_size_or_sections, dim)


@export("torch method")
def unsafe_split(tensor: Any, split_size: Any, dim: int = 0) -> Any:
    """As `split`, as the node of what its writer promises not to write into."""
    return _split("unsafe_split", _unsafe_split, tensor, split_size, dim)


def _split(name: str, row: Op, tensor: Any, given: Any, dim: int) -> Any:
    if not tensor._data.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    if isinstance(given, int) and given < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={given}")
    d = one_dim(dim, tensor._data.ndim)
    total = tensor._data.shape[d]
    if isinstance(given, int):
        if not given and total:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {total}")
        count = max(math.ceil(total / given), 1) if given else 1
        lengths = [given] * (count - 1) + [total - given * (count - 1)]
        return _pieces(name, row, tensor, lengths, d)
    if not isinstance(given, (tuple, list)):
        raise TypeError(f"split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, not {class_name(given)}")
    return split_with_sizes(tensor, given, dim)


@export("torch method")
def split_with_sizes(tensor: Any, split_sizes: Any, dim: int = 0) -> Any:
    """Pieces of given sizes."""
    if not tensor._data.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = one_dim(dim, tensor._data.ndim)
    total, lengths = tensor._data.shape[d], list(split_sizes)
    if any(n < 0 for n in lengths):
        raise RuntimeError(f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}")
    if sum(lengths) != total:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size at dimension {dim}), but got split_sizes={lengths}"
        )
    return _pieces("split_with_sizes", split_sizes_row, tensor, lengths, d)


def gates(x: Any, count: int) -> Any:
    """The equal parts of the products in a recurrent layer, one for each gate."""
    width = x._data.shape[1] // count
    return _pieces("unsafe_split", _unsafe_split, x, [width] * count, 1)


@export("torch method")
def chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """About equal pieces, the last one smaller."""
    return _chunk(split, input, chunks, dim)


@export("torch method")
def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """As `chunk`, as the node of what its writer promises not to write into."""
    return _chunk(unsafe_split, input, chunks, dim)


def _chunk(splitting: Callable[..., Any], input: Any, chunks: int, dim: int) -> Any:
    if not input._data.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError("chunk expects `chunks` to be greater than 0, got: " + str(chunks))
    total = input._data.shape[one_dim(dim, input._data.ndim)]
    return splitting(input, max(math.ceil(total / chunks), 1), dim) if total else split_with_sizes(input, [0] * chunks, dim)


@export("torch method")
def tensor_split(input: Any, indices_or_sections: Any, dim: int = 0) -> Any:
    """Pieces at given places, or a number of nearly equal ones."""
    if not input._data.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    d = one_dim(dim, input._data.ndim)
    total = input._data.shape[d]
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        n = indices_or_sections
        if n <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {n}")
        cuts = [k * (total // n) + min(k, total % n) for k in range(1, n)]
    else:
        cuts = list(indices_or_sections)
    edges = [0, *cuts, total]
    out = []
    for a, b in itertools.pairwise(edges):
        start, stop, _ = slice(a, b).indices(total)
        out.append(apply(narrow, (input,), {"dim": d, "start": start, "length": max(stop - start, 0)}))
    return tuple(out)


def _splitter(name: str, axis: int) -> Any:
    least = 1 if name == "hsplit" else 2 if name == "vsplit" else 3

    def function(input: Any, indices_or_sections: Any) -> Any:
        if not isinstance(indices_or_sections, (int, tuple, list)):
            raise invalid_combination(
                name, (input, indices_or_sections), "Tensor input, int sections", "Tensor input, tuple of ints indices"
            )
        if input._data.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with {input._data.ndim} dimensions!"
            )
        along = 0 if axis == 1 and input._data.ndim == 1 else axis
        size = input._data.shape[along]
        if isinstance(indices_or_sections, int) and (indices_or_sections <= 0 or size % indices_or_sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {along}, but the size of the dimension {size} is not divisible by the "
                f"split_size {indices_or_sections}!"
            )
        return tensor_split(input, indices_or_sections, 0 if axis == 1 and input._data.ndim == 1 else axis)

    return function


for _name, _axis in (("hsplit", 1), ("vsplit", 0), ("dsplit", 2)):
    export("torch method", _name)(_splitter(_name, _axis))


@export("torch method", "unbind")
def unbind_(input: Any, dim: int = 0) -> Any:
    """The slices along a dimension, as a tuple of views."""
    if input._data.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    got = apply(unbind, (input,), {"dim": one_dim(dim, input._data.ndim)})
    return got if isinstance(got, tuple) else (got,)


@export("torch method", "narrow")
def narrow_(input: Any, dim: int, start: Any, length: int) -> Any:
    """`length` elements from `start` along a dimension."""
    if not input._data.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if isinstance(start, Tensor) and (start._data.ndim or start._data.dtype.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    d, s = one_dim(dim, input._data.ndim), int(start)
    n = input._data.shape[d]
    if not -n <= s <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {s})")
    s = s + n if s < 0 else s
    if s + length > n:
        raise RuntimeError(f"start ({s}) + length ({length}) exceeds dimension size ({n}).")
    return apply(narrow, (input,), {"dim": d, "start": s, "length": length})


@export("torch")
def meshgrid(*tensors: Any, indexing: str | None = None) -> Any:
    """Coordinate grids of vectors."""
    if indexing is None:
        warn_once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument. (Triggered internally at "
            "/__w/pytorch/pytorch/aten/src/ATen/native/TensorShape.cpp:4215.)"
        )
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in {"ij", "xy", None}:
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    if any(t.dtype is not given[0].dtype for t in given):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    for t in given:
        if t._data.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t}")
    shape = tuple(max(t._data.size, 1) if t._data.ndim == 0 else t._data.shape[0] for t in given)
    out = [t.reshape((1,) * k + (-1,) + (1,) * (len(given) - k - 1)).expand(shape) for k, t in enumerate(given)]
    if indexing == "xy" and len(given) > 1:
        shape_in = [given[1], given[0], *given[2:]]
        grids = meshgrid(*shape_in, indexing="ij")
        out = [grids[1], grids[0], *grids[2:]]
    return tuple(out)


def _corners(shapes: tuple[tuple[int, ...], ...]) -> list[tuple[slice, slice]]:
    """Where the blocks lie; vectors are rows, and numbers blocks of one."""
    out, row, column = [], 0, 0
    for shape in shapes:
        n, m = (1,) * (2 - len(shape)) + tuple(shape)
        out.append((slice(row, row + n), slice(column, column + m)))
        row, column = row + n, column + m
    return out


def _blocks(tensors: Any, shapes: Any) -> Any:
    corners = _corners(shapes)
    out = np.zeros((corners[-1][0].stop, corners[-1][1].stop), tensors[0].dtype)
    for corner, block in zip(corners, tensors, strict=True):
        out[corner] = block
    return out


block_diag_row = Op(
    "block_diag", _blocks, inputs=("*tensors",),
    joint=lambda g, shapes: tuple(g[corner].reshape(shape) for corner, shape in zip(_corners(shapes), shapes, strict=True)),
    formulas=(r"\bar{x}_k = \bar{z}[\mathrm{block}\ k]",),
)  # fmt: skip


@export("torch")
def block_diag(*tensors: Any) -> Any:
    """A matrix with the given ones on its diagonal, and zeros elsewhere."""
    for k, t in enumerate(tensors):
        if t._data.ndim > 2:
            raise RuntimeError(f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {k} has {t._data.ndim} dimensions")
    if not tensors:
        return Tensor._of(np.zeros((1, 0), get_default_dtype().numpy))
    blocks = list(_common(list(tensors)))
    return apply(block_diag_row, tuple(blocks), {"shapes": tuple(t._data.shape for t in blocks)})


__all__ = ["BY_NUMPY", "cat", "cat_", "gates", "narrow", "pad_into", "stack", "stack_row", "unbind"]

"""Reductions over all or some dimensions."""

from __future__ import annotations

import functools
import inspect
import math
from typing import Any

import numpy as np

from ... import dtypes
from ...arrays.arithmetic import in_rows
from ...calls import quick
from ...calls.signatures import refusal
from ...graph.cotangents import sum_to
from ...naming.namespace import export
from ...naming.rows import NOTHING, into
from ...op import UNBROADCAST, Op, apply
from ...tensor import Tensor


def dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Dimensions as non-negative numbers; None and () mean all. PyTorch's error where one is out of range."""
    if dim.__class__ is int and -ndim <= dim < ndim:  # as it mostly is
        return (dim % ndim,)
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    given = (dim,) if isinstance(dim, (int, np.integer)) else tuple(dim)
    limit = max(ndim, 1)
    for d in given:
        if not -limit <= d < limit:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-limit}, {limit - 1}], but got {d})")
    result = tuple(int(d) % limit for d in given)
    if len(set(result)) != len(result):
        twice = next(d for k, d in enumerate(result) if d in result[:k])
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return result if ndim else ()


def spread(g: Any, shape: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """A reduced cotangent, stretched over the dimensions that were reduced."""
    axes = dims(dim, len(shape))
    if not keepdim and len(axes) != len(shape):
        inner = tuple(1 if k in axes else n for k, n in enumerate(shape))
        g = g.reshape(inner)
    return expand_to(g, size=shape)


@functools.lru_cache(maxsize=64)
def ones(length: int, dtype: Any) -> Any:
    """Ones to sum with: a product with them is faster than a sum."""
    made = np.ones(length, dtype)
    made.flags.writeable = False
    return made


def _sum_to(g: Any, size: tuple[int, ...]) -> Any:
    if g.ndim > 1 and len(size) == 1 and size[0] == g.shape[-1] and g.dtype.kind == "f" and g.size and g.flags.c_contiguous:  # a bias
        rows = g.reshape(-1, size[0])
        return np.dot(ones(rows.shape[0], g.dtype), rows)
    extra = g.ndim - len(size)
    axes = (*range(extra), *(k + extra for k, n in enumerate(size) if n == 1 and g.shape[k + extra] != 1))
    return np.add.reduce(g, axis=axes, keepdims=True).reshape(size) if axes else g.reshape(size)


def _expand(x: Any, size: tuple[int, ...]) -> Any:
    if type(x) is np.ndarray and not x.ndim:  # np.broadcast_to costs ten times as much, and every loss ends in a scalar
        return np.ndarray(size, x.dtype, x, 0, (0,) * len(size))
    if x.shape == tuple(size):
        return x.view()
    if x.size == math.prod(size):  # only dimensions of one element came: it may still be written to
        return x.reshape(size) if x.flags.c_contiguous and x.flags.writeable else _stretched(x, size)
    return _stretched(x, size) if 1 in size and isinstance(x, np.ndarray) else np.broadcast_to(x, size)


def _stretched(x: Any, size: tuple[int, ...]) -> Any:
    """As numpy.broadcast_to, with PyTorch's strides of dimensions that have one element."""
    extra = len(size) - x.ndim
    strides = [0 if n != m else stride for n, m, stride in zip(x.shape, size[extra:], x.strides, strict=True)]
    for k in range(extra - 1, -1, -1):
        strides.insert(0, 0 if size[k] != 1 else strides[0] * size[k + 1] if len(strides) else x.itemsize)
    return np.lib.stride_tricks.as_strided(x, size, strides)


expand_to = Op(
    "expand", _expand, view=True,
    vjps=(lambda g, x_shape: g if type(g) is np.ndarray and g.shape == x_shape else sum_to(g, x_shape),),
    formulas=(r"\bar{x} = \textstyle\sum \bar{z}",),
)  # fmt: skip


def expanded(g: Any, shape: tuple[int, ...]) -> Any:
    """A scalar's cotangent in the shape of what was reduced to it."""
    if isinstance(g, Tensor):
        return expand_to(g, size=shape)
    return _expand(np.asarray(g) if isinstance(g, np.generic) else g, shape)


sum_to_size = Op(
    "sum_to_size", _sum_to, vjps=(lambda g, x_shape: expand_to(g, size=x_shape),), grad_fn="SumBackward1",
    formulas=(r"\bar{x}_i = \bar{z}",),
)  # fmt: skip


UNBROADCAST += [sum_to_size, sum_to_size.named("SumBackward0")]


def _sum(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if x.dtype.kind in "bui":
        x = x.astype(np.int64, copy=False)
    if dim is None:
        return np.add.reduce(x, axis=None, keepdims=keepdim)
    made = np.add.reduce(x, axis=dims(dim, x.ndim), keepdims=keepdim)
    return in_rows(made) if made.ndim > 1 else made


sum_all = Op("sum", _sum, grad_fn="SumBackward0", vjps=(lambda g, x_shape: expanded(g, x_shape),), formulas=(r"\bar{x}_i = \bar{z}",))
sum_dim = Op(
    "sum", _sum, grad_fn="SumBackward1", vjps=(lambda g, x_shape, dim, keepdim: spread(g, x_shape, dim, keepdim),),
    formulas=(r"\bar{x}_{ij} = \bar{z}_{i}",),
)  # fmt: skip


def _count(shape: tuple[int, ...], dim: Any = None) -> int:
    return math.prod(shape) if dim is None else math.prod(shape[d] for d in dims(dim, len(shape)))


def over(x: Any, count: int) -> Any:
    """x / count; numpy divides scalars of its own ten times as fast as arrays without dimensions."""
    return x[()] / count if type(x) is np.ndarray and not x.ndim else x / count


def _mean(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if dim is None and not keepdim:
        total, count = np.add.reduce(x, None), x.size
    else:
        total, count = _sum(x, dim, keepdim), _count(x.shape, dim)
    return over(total, count) if count else total * np.nan


def _mean_all_vjp(g: Any, x_shape: Any) -> Any:
    if type(g) is not np.ndarray and isinstance(g, Tensor):  # in PyTorch's order, whose nodes a recorded backward pass shows
        return expanded(g, x_shape) / math.prod(x_shape)
    return expanded(over(g, math.prod(x_shape)), x_shape)


def _mean_dim_vjp(g: Any, x_shape: Any, dim: Any, keepdim: bool) -> Any:
    count = _count(x_shape, dim)
    if type(g) is not np.ndarray and isinstance(g, Tensor):
        return spread(g, x_shape, dim, keepdim) / count
    return spread(g / count, x_shape, dim, keepdim)


mean_all = Op(
    "mean", _mean, grad_fn="MeanBackward0", vjps=(_mean_all_vjp,),
    formulas=(r"\bar{x}_i = \frac{1}{n}\,\bar{z}",),
)  # fmt: skip
mean_dim = Op(
    "mean", _mean, grad_fn="MeanBackward1",
    vjps=(_mean_dim_vjp,),
    formulas=(r"\bar{x}_{ij} = \frac{1}{n}\,\bar{z}_{i}",),
)  # fmt: skip


def _reduction(name: str, all_row: Op, dim_row: Op, floats_only: bool) -> Any:
    whole = quick.unary(all_row)

    def reduced(input: Any, dim: Any, keepdim: bool, dtype: dtypes.dtype | None, out: Any, more: dict[str, Any]) -> Any:
        if more:  # numpy's names
            dim, keepdim = more.pop("axis", dim), more.pop("keepdims", keepdim)
        if isinstance(dim, Tensor) and dim._data.dtype.kind in "iu":  # a tensor of one number stands for a number
            dim = dim.item()
        wrong = isinstance(dim, bool) or not isinstance(keepdim, (bool, np.bool_))
        if more or wrong or not (dim is None or isinstance(dim, (int, np.integer)) or _are_ints(dim)):
            raise TypeError(name)
        if dtype is not None:
            dtype = dtypes.of_type(dtype) or dtype
            if floats_only and dtype.category < 2:
                raise RuntimeError(
                    f"{name}(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. "
                    f"Got: {dtype.scalar_name}"
                )
            input = input.to(dtype)
        if floats_only and input._data.dtype.kind not in "fcV":
            raise RuntimeError(
                f"{name}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                f"Got: {input.dtype.scalar_name}"
            )
        made = apply(all_row, (input,)) if dim is None and not keepdim else apply(dim_row, (input,), {"dim": dim, "keepdim": keepdim})
        return into(out, made if dtype is None else made.to(dtype), name)  # whole numbers are added in int64

    def called(home: str, input: Any, dim: Any = NOTHING, keepdim: bool = False, *, dtype: dtypes.dtype | None = None, **more: Any) -> Any:
        if dim is NOTHING:
            dim = None
            if "axis" not in more and ("keepdims" in more or keepdim is not False):
                raise TypeError(name)  # to keep no dimension is asked for with one only
        out = more.pop("out", None) if home == "torch" else None  # numpy asks methods, too: np.mean(x)
        return reduced(input, dim, keepdim, dtype, out, more)

    def published(home: str) -> Any:
        def function(input: Any = NOTHING, /, *args: Any, **named: Any) -> Any:
            try:
                if not args and not named and input._data.dtype.kind == "f":
                    return whole(input)
                if len(args) == 1 and not named:
                    return reduced(input, args[0], False, None, None, named)
                if len(named) == 1 and not args and "dim" in named:
                    return reduced(input, named["dim"], False, None, None, {})
                return called(home, *(() if input is NOTHING and home == "torch" else (input,)), *args, **named)
            except Exception:
                told = refusal(home, name, () if input is NOTHING else (input, *args), named)
                if told is None:
                    raise
                raise told from None

        function.__name__ = name
        function.__signature__ = taken  # type: ignore[attr-defined]  # which palettes and forms are made of
        export(home)(function)
        return function

    _, *parameters, _ = inspect.signature(called).parameters.values()
    taken = inspect.Signature([p.replace(default=None) if p.name == "dim" else p for p in parameters])  # left out is all of them
    published("method")
    return published("torch")


def _are_ints(dim: Any) -> bool:
    return isinstance(dim, (tuple, list)) and all(isinstance(d, (int, np.integer)) for d in dim)


sum_ = _reduction("sum", sum_all, sum_dim, False)
mean_ = _reduction("mean", mean_all, mean_dim, True)

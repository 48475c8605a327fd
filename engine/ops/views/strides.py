"""Views by sizes and strides, diagonals filled in place, and the names PyTorch gives to copies of views."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import formats
from ...errors import class_name
from ...inplace import check_history
from ...namespace import TORCH, export
from ...op import Op, apply
from ...places import check_geometry, in_line, look, offset, origin
from ...tensor import Tensor
from ...views import EMBED, PART
from ..indexing.index import index, index_add_into
from .reshape import one_dim
from .reshape_inplace import become

Array = np.ndarray[Any, Any]


def _places(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Array:
    """The flat places that sizes and strides name."""
    at = np.full(size, offset, np.int64)
    for axis, (n, step) in enumerate(zip(size, stride, strict=True)):
        at += (np.arange(n) * step).reshape([-1 if k == axis else 1 for k in range(len(size))])
    return at


def _in_memory(x: Any, axes: tuple[int, ...]) -> Any:
    """The elements in the order in which they lie in memory; `axes` are the slowest first, () as the shape says."""
    return x.reshape((-1,)) if not axes else (x.transpose(axes) if isinstance(x, np.ndarray) else x.permute(axes)).reshape((-1,))


def _formed(flat: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """What `_in_memory` was given."""
    if not axes:
        return flat.reshape(tuple(shape))
    back = tuple(int(k) for k in np.argsort(axes))
    turned = flat.reshape(tuple(shape[axis] for axis in axes))
    return turned.transpose(back) if isinstance(turned, np.ndarray) else turned.permute(back)


def _strided(x: Array, size: tuple[int, ...], stride: tuple[int, ...], offset: int, axes: tuple[int, ...] = ()) -> Array:
    flat = _in_memory(x, axes)
    return np.lib.stride_tricks.as_strided(flat[offset:], size, tuple(s * flat.itemsize for s in stride))


as_strided_row = Op(
    "as_strided", _strided, view=True,
    vjps=(
        lambda g, x_shape, size, stride, offset, axes: _formed(
            index_add_into(g, shape=(math.prod(x_shape),), key=(_places(size, stride, offset),)), x_shape, axes
        ),
    ),
    formulas=(r"\bar{x}[\mathrm{places}] \mathrel{+}= \bar{z}",),
)  # fmt: skip


def _whole(x: Any, size: Any, stride: Any, storage_offset: int | None) -> tuple[Any, dict[str, Any]]:
    """The tensor that owns the storage, and what to look at in it."""
    shape, steps = tuple(int(n) for n in size), tuple(int(s) for s in stride)
    base = x if x._base is None else x._base
    if x._origin is not None and not x._requires_grad:  # it looks at a part, but is no view
        base = Tensor._of(x._origin)
        base._storage = x._storage
    start = offset(x) if storage_offset is None else int(storage_offset)
    check_geometry(shape, steps, start, base._data.size, base._data.itemsize)
    axes = () if base._data.flags.c_contiguous else tuple(sorted(range(base._data.ndim), key=lambda k: -base._data.strides[k]))
    return base, {"size": shape, "stride": steps, "offset": start, "axes": axes}


@export("torch method")
def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the storage with any sizes and strides."""
    base, params = _whole(input, size, stride, storage_offset)
    return apply(as_strided_row, (base,), params)


def _scattered(x: Array, src: Array, size: Any, stride: Any, offset: int, axes: tuple[int, ...] = ()) -> Array:
    flat = _in_memory(x, axes).copy()
    flat[_places(size, stride, offset)] = src
    out: Array = _formed(flat, x.shape, axes)
    return out


def _rest(g: Any, x_shape: Any, size: Any, stride: Any, offset: int, axes: tuple[int, ...]) -> Any:
    keep = np.ones(math.prod(x_shape), bool)
    keep[_places(size, stride, offset)] = False
    keep = _formed(keep, x_shape, axes)
    return g * (Tensor._of(keep) if isinstance(g, Tensor) else keep)


as_strided_scatter_row = Op(
    "as_strided_scatter", _scattered, inputs=("x", "src"),
    vjps=(_rest, lambda g, size, stride, offset, axes: index(_in_memory(g, axes), key=(_places(size, stride, offset),))),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{outside}", r"\bar{s} = \bar{z}[\mathrm{places}]"),
)  # fmt: skip


@export("torch method")
def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A copy in which what as_strided would show is replaced."""
    _, params = _whole(input, size, stride, storage_offset)
    return apply(as_strided_scatter_row, (input, src), params)


as_strided_written = Op(
    "as_strided", lambda x, view, old, whole: view, view=True, grad_fn="AsStridedBackward1",
    vjps=(lambda g, view, old, whole: PART(EMBED(g, view=view, base=whole), view=old, base=whole),),
    formulas=(r"\bar{x}[\mathrm{places}] \mathrel{+}= \bar{z}",),
)  # fmt: skip


@export("method")
def as_strided_(self: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """Look at other places of the storage from now on."""
    check_history(self)
    shape, steps = tuple(int(n) for n in size), tuple(int(s) for s in stride)
    whole = origin(self)
    line = in_line(whole).view(self._data.dtype)
    start = offset(self) if storage_offset is None else int(storage_offset)
    check_geometry(shape, steps, start, line.size, line.itemsize)
    view = look(line, shape, steps, start)
    become(self, as_strided_written, (), {"view": view, "old": self._data, "whole": line})
    if self._base is None:
        self._origin = whole
    return self


@export("method")
def fill_diagonal_(self: Any, fill_value: float, wrap: bool = False) -> Any:
    """The main diagonal set to one value, in place."""
    if self._data.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if self._data.ndim > 2 and len(set(self._data.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    rows, columns = self._data.shape[0], self._data.shape[-1]
    steps, n = (sum(self.stride()),), min(rows, columns)
    self.as_strided((n,), steps).fill_(fill_value)
    if wrap and self._data.ndim == 2 and rows > columns + 1:
        more = -(-self._data.size // (columns + 1)) - n
        self.as_strided((more,), steps, self.storage_offset() + self.stride(0) * (columns + 1)).fill_(fill_value)
    return self


def _copying(name: str) -> None:
    def function(*args: Any, **params: Any) -> Any:
        got = (TORCH.get(name) or getattr(Tensor, name))(*args, **params)
        return tuple(part.clone() for part in got) if isinstance(got, tuple) else got.clone()

    function.__name__ = f"{name}_copy"
    export("torch", f"{name}_copy")(function)


for _name in ("expand", "permute", "select", "split", "split_with_sizes", "squeeze", "t", "transpose", "unbind", "unfold", "unsqueeze", "view",
              "detach", "narrow", "as_strided", "diagonal"):  # fmt: skip
    _copying(_name)
export("method", "narrow_copy")(lambda self, dim, start, length: TORCH["narrow_copy"](self, dim, start, length))


def _unsafe(name: str) -> None:
    export("torch method", f"unsafe_{name}")(lambda input, *args, **params: getattr(Tensor, name)(input, *args, **params))


for _name in ("chunk", "split", "split_with_sizes"):
    _unsafe(_name)


def _in_place(name: str) -> None:
    def function(input: Any, *args: Any, **params: Any) -> Any:
        return getattr(Tensor, name)(input, *args, **params)

    function.__name__ = name
    export("torch", name)(function)


# torch.clamp_(x, 0) is x.clamp_(0)
for _name in ("addmv_", "as_strided_", "clamp_", "clamp_max_", "clamp_min_", "clip_", "conj_physical_", "detach_", "gcd_", "index_put_", "lcm_",
              "ldexp_", "logit_", "nan_to_num_", "round_", "xlogy_"):  # fmt: skip
    if hasattr(Tensor, _name):
        _in_place(_name)


@export("method")
def stride(self: Any, dim: int | None = None) -> Any:
    """Steps in memory, in elements."""
    if dim is not None and not hasattr(dim, "__index__"):
        raise TypeError(f"stride(): argument 'dim' (position 1) must be int, not {class_name(dim)}")
    steps = tuple(s // self._data.itemsize for s in self._data.strides)
    return steps if dim is None else steps[one_dim(dim, len(steps))]


export("torch", "adjoint")(lambda input: input.mH)
export("property", "is_cpu")(lambda self: True)
export("property", "layout")(lambda self: formats.STRIDED)
export("torch method", "get_device")(lambda input: -1)
for _name in ("is_conj", "is_neg", "is_distributed"):
    export("torch method", _name)(lambda input: False)
for _name in ("is_shared", "is_pinned"):
    export("method", _name)(lambda self, *device: False)
__all__ = ["as_strided_row", "as_strided_scatter_row"]

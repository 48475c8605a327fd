"""Views by sizes and strides, diagonals filled in place, and the names PyTorch gives to copies of views."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ...errors import class_name
from ...memory import formats
from ...memory.inplace import check_history
from ...memory.places import check_geometry, in_line, look, offset, origin, overlap, owner, reach, slowest_first, steps_of
from ...memory.views import EMBED, PART, Window
from ...naming.namespace import TORCH, export
from ...op import Op, apply
from ...tensor import Tensor
from ..indexing.index import index, index_add_into
from .reshape import one_dim
from .reshape_inplace import become

Array = np.ndarray[Any, Any]
Lies = tuple[tuple[int, ...], int]  # strides and storage_offset of what as_strided was called on


def _places(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Array:
    """The flat places that sizes and strides name."""
    at = np.full(size, offset, np.int64)
    for axis, (n, step) in enumerate(zip(size, stride, strict=True)):
        at += (np.arange(n) * step).reshape([-1 if k == axis else 1 for k in range(len(size))])
    return at


def _strided(x: Array, size: tuple[int, ...], stride: tuple[int, ...], offset: int, lies: Lies) -> Array:
    line = in_line(owner(x)).view(x.dtype)
    start = x.__array_interface__["data"][0] - line.__array_interface__["data"][0]
    return look(line, size, stride, start // x.itemsize + offset - lies[1])


def _same_places(shape: tuple[int, ...], lies: Lies, count: int) -> bool:
    """Whether the elements lie one after another from the beginning of a memory of so many."""
    return lies == (steps_of(shape), 0) and count == math.prod(shape)


def _in_memory(x: Any, lies: Lies, count: int) -> Any:
    """A memory of so many elements with `x` where it lies, and zeros."""
    shape = tuple(x.shape)
    return x.reshape((-1,)) if _same_places(shape, lies, count) else index_add_into(x, shape=(count,), key=(_places(shape, *lies),))


def _of_memory(line: Any, shape: tuple[int, ...], lies: Lies) -> Any:
    """What lies there in a memory."""
    return line.reshape(tuple(shape)) if _same_places(shape, lies, line.shape[0]) else index(line, key=(_places(shape, *lies),))


def _strided_vjp(g: Any, x_shape: Any, size: Any, stride: Any, offset: int, lies: Lies) -> Any:
    """What arrives at an element goes to all that lie in its place, in equal parts; what lies beyond `x` has none."""
    shape, out = tuple(x_shape), (tuple(stride), offset)
    count = max(reach(shape, *lies), reach(size, *out))
    line = _in_memory(g, out, count)
    if 0 in lies[0] or overlap(shape, lies[0]):
        times = (
            np.bincount(_places(shape, *lies).ravel(), minlength=count)
            .clip(1)
            .astype(g.dtype if isinstance(g, np.ndarray) else g._data.dtype)
        )
        line = line / (Tensor._of(times) if isinstance(g, Tensor) else times)
    return _of_memory(line, shape, lies)


as_strided_row = Op("as_strided", _strided, view=True, vjps=(_strided_vjp,), formulas=(r"\bar{x}[\mathrm{places}] \mathrel{+}= \bar{z}",))


def _lies(x: Any) -> Lies:
    return tuple(s // x._data.itemsize for s in x._data.strides), offset(x)


def _asked(x: Any, size: Any, stride: Any, storage_offset: int | None, room: int) -> dict[str, Any]:
    """Where to look in a storage of so many elements, and where `x` lies in it."""
    shape, steps = tuple(int(n) for n in size), tuple(int(s) for s in stride)
    lies = _lies(x)
    start = lies[1] if storage_offset is None else int(storage_offset)
    check_geometry(shape, steps, start, room, x._data.itemsize)
    return {"size": shape, "stride": steps, "offset": start, "lies": lies}


@export("torch method")
def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the storage with any sizes and strides."""
    room = in_line(origin(input)).nbytes // input._data.itemsize
    return apply(as_strided_row, (input,), _asked(input, size, stride, storage_offset, room))


def _scattered(x: Array, src: Array, size: Any, stride: Any, offset: int, lies: Lies) -> Array:
    line = np.zeros(max(reach(x.shape, *lies), reach(size, stride, offset)), x.dtype)
    out = look(line, x.shape, *lies)
    out[...] = x
    look(line, size, stride, offset)[...] = src
    return out


def _rest(g: Any, x_shape: Any, size: Any, stride: Any, offset: int, lies: Lies) -> Any:
    keep = np.ones(max(reach(x_shape, *lies), reach(size, stride, offset)), bool)
    look(keep, size, stride, offset)[...] = False
    keep = look(keep, x_shape, *lies)
    return g * (Tensor._of(keep) if isinstance(g, Tensor) else keep)


def _replaced(g: Any, size: Any, stride: Any, offset: int, lies: Lies) -> Any:
    count = max(reach(g.shape, *lies), reach(size, stride, offset))
    return _of_memory(_in_memory(g, lies, count), size, (stride, offset))


as_strided_scatter_row = Op(
    "as_strided_scatter", _scattered, inputs=("x", "src"), vjps=(_rest, _replaced),
    formulas=(r"\bar{x} = \bar{z}\ \mathrm{outside}", r"\bar{s} = \bar{z}[\mathrm{places}]"),
)  # fmt: skip


@export("torch method")
def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A copy in which what as_strided would show is replaced."""
    room = reach(input._data.shape, *_lies(input))
    return apply(as_strided_scatter_row, (input, src), _asked(input, size, stride, storage_offset, room))


as_strided_written = Op(
    "as_strided", lambda x, window, old: window.view, view=True, grad_fn="AsStridedBackward1",
    vjps=(lambda g, window, old: PART(EMBED(g, window=window), window=old),),
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
    become(self, as_strided_written, (), {"window": Window(view, line), "old": Window(self._data, line)})
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
        if isinstance(got, tuple):
            return tuple(part.clone(memory_format=formats.CONTIGUOUS) for part in got)
        return got.clone(memory_format=formats.CONTIGUOUS)

    function.__name__ = f"{name}_copy"
    export("torch", f"{name}_copy")(function)


for _name in ("expand", "permute", "select", "split", "split_with_sizes", "squeeze", "t", "transpose", "unbind", "unfold", "unsqueeze", "view",
              "detach", "narrow", "as_strided", "diagonal"):  # fmt: skip
    _copying(_name)
export("method", "narrow_copy")(lambda self, dim, start, length: TORCH["narrow_copy"](self, dim, start, length))


export("torch method", "unsafe_split_with_sizes")(lambda input, *args, **params: Tensor.split_with_sizes(input, *args, **params))


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


@export("method")
def dim_order(self: Any, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """The dimensions as they lie in memory, the slowest first."""
    formats_asked = ambiguity_check if isinstance(ambiguity_check, list) else []
    if not isinstance(ambiguity_check, (bool, list)) or not all(isinstance(f, formats.memory_format) for f in formats_asked):
        raise TypeError("The ambiguity_check argument must be a bool or a list of memory formats.")
    shape, steps = self._data.shape, _lies(self)[0]
    several = 1 in shape or any(a == b for a, b in itertools.pairwise(steps))
    if ambiguity_check and several and sum(self.is_contiguous(memory_format=f) for f in formats_asked) != 1:
        raise RuntimeError("The tensor does not have unique dim order, or cannot map to exact one of the given memory formats.")
    order = list(range(len(shape))) if self.is_contiguous() else slowest_first(steps)
    if ambiguity_check and 0 in steps:
        raise RuntimeError("The tensor does not have unique dim order.")
    return tuple(order)

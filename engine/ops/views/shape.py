"""Views and copies that only move numbers."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ... import dtypes, modes
from ...calls import quick
from ...half.bfloat16 import by_way
from ...memory import formats
from ...memory.places import origin
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ...warned import kernel_warning
from ..reductions.reduce import dims


def _copied(x: Any, order: str = "K") -> Any:
    if order == "channels_last":  # the numbers of a pixel side by side in memory
        return np.moveaxis(np.array(np.moveaxis(x, 1, -1), order="C"), -1, 1)
    if order == "K" and 0 in x.strides and x.size:  # expanded: PyTorch's copy is contiguous
        order = "C"
    return np.array(x, order=order)


def _in_dtype(x: Any, dtype: Any, order: str = "") -> Any:
    if x.dtype.kind == "c" and dtype.kind not in "bc":
        modes.warn_once(kernel_warning("real"))
        x = x.real
    x = by_way(x, dtype)
    if order:
        return _copied(x.astype(dtype, copy=False), order)
    return x.astype(dtype, "C" if 0 in x.strides else "K")  # of what is expanded PyTorch's copy is contiguous


clone = Op("clone", _copied, vjps=(lambda g: g,), formulas=(r"\bar{x} = \bar{z}",), elementwise=True)
to_copy = Op(
    "_to_copy",
    _in_dtype,
    grad_fn="ToCopyBackward0",
    vjps=(lambda g: g,),
    formulas=(r"\bar{x} = \bar{z}",),
    elementwise=True,
)
view = Op(
    "view", lambda x, size: x.reshape(size), view=True, vjps=(lambda g, x_shape: g.reshape(x_shape),), formulas=(r"\bar{x} = \bar{z}",)
)
view_of_bytes = Op("view", lambda x, dtype: x.view(dtype), view=True)
unsafe_view = Op(
    "_unsafe_view", lambda x, size: x.reshape(size), grad_fn="UnsafeViewBackward0", vjps=(lambda g, x_shape: g.reshape(x_shape),),
    formulas=(r"\bar{x} = \bar{z}",),
)  # fmt: skip


@functools.lru_cache(maxsize=256)
def _back(dims: tuple[int, ...]) -> tuple[int, ...]:
    """The order that undoes an order."""
    return tuple(sorted(range(len(dims)), key=dims.__getitem__))


permute = Op(
    "permute", lambda x, dims: x.transpose(dims), view=True, vjps=(lambda g, dims: permute(g, dims=_back(dims)),),
    formulas=(r"\bar{x} = \bar{z}^{\,\mathsf{T}}",),
)  # fmt: skip
transpose = Op(
    "transpose", lambda x, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x.view(), view=True, grad_fn="TransposeBackward0",
    vjps=(lambda g, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1),), formulas=(r"\bar{x} = \bar{z}^{\mathsf{T}}",),
)  # fmt: skip
t_ = Op(
    "t",
    lambda x: x.T,
    view=True,
    grad_fn="TBackward0",
    vjps=(lambda g: g.T if type(g) is np.ndarray else t_(g),),
    formulas=(r"\bar{x} = \bar{z}^{\mathsf{T}}",),
)


_view, _unsafe_view, _transpose, _clone = (quick.unary(row) for row in (view, unsafe_view, transpose, clone))


def new_size(numel: int, size: tuple[int, ...]) -> tuple[int, ...]:
    """A size with its -1 worked out; PyTorch's error where it does not fit."""
    low = min(size, default=0)
    if low >= 0 and math.prod(size) == numel:
        return size
    if low == -1 and size.count(-1) == 1:
        rest = -math.prod(size)
        if rest and not numel % rest:
            return tuple(numel // rest if n == -1 else n for n in size)
    known = math.prod([n for n in size if n != -1])
    text = "[" + ", ".join(map(str, size)) + "]"
    if size.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(n < -1 for n in size):
        at = next(k for k, n in enumerate(size) if n < -1)
        raise RuntimeError(f"invalid shape dimension {size[at]} at index {at} of shape {text}")
    if -1 in size:
        if known == 0 and numel == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {text} because the unspecified dimension size -1 can be any value and is "
                "ambiguous"
            )
        if known == 0 or numel % known:
            raise RuntimeError(f"shape '{text}' is invalid for input of size {numel}")
        return tuple(numel // known if n == -1 else n for n in size)
    if known != numel:
        raise RuntimeError(f"shape '{text}' is invalid for input of size {numel}")
    return size


def sizes_of(args: tuple[Any, ...]) -> tuple[int, ...]:
    """`f(2, 3)` and `f((2, 3))` mean the same."""
    given = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    return tuple(int(n) for n in given)


@export("method", "view")
def view_(self: Any, *size: Any, **named: Any) -> Any:
    """x.view(2, -1), and x.view(dtype): the same bytes read as another type."""
    if named:  # size=..., or dtype=...
        size = tuple(named.values())
    if len(size) == 1 and isinstance(size[0], dtypes.dtype):
        factor, rest = divmod(size[0].numpy.itemsize, self._data.itemsize)
        if factor != 1 or rest:
            told = f"to view {self.dtype.scalar_name} as {size[0].scalar_name} (different element sizes)"
            if not self._data.ndim:
                raise RuntimeError(f"self.dim() cannot be 0 {told}")
            if self._data.strides[-1] != self._data.itemsize:
                raise RuntimeError(f"self.stride(-1) must be 1 {told}, but got {self.stride()[-1]}")
            if factor > 1 and self._data.shape[-1] % factor:
                raise RuntimeError(f"self.size(-1) must be divisible by {factor} {told}, but got {self._data.shape[-1]}")
        made: Tensor = apply(view_of_bytes, (self,), {"dtype": size[0].numpy})
        made._base, made._origin, made._requires_grad = None, origin(self), False  # it shares memory, and autograd knows nothing of it
        return made
    wanted = new_size(self._data.size, sizes_of(size))
    try:
        self._data.reshape(wanted, copy=False)
    except ValueError:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous "
            "subspaces). Use .reshape(...) instead."
        ) from None
    return _view(self, {"size": wanted})


_strided_view = view.named("ReshapeAliasBackward0")
_alias = view.named("AliasBackward0")


@export("method", "as_subclass")
def as_subclass(self: Any, cls: type) -> Any:
    """The same numbers with the same history as a tensor of a class of the script's."""
    made = apply(_alias, (self,), {"size": self._data.shape})
    made.__class__ = cls
    return made


@export("method", "_make_subclass")
@staticmethod
def make_subclass(cls: type, data: Any, require_grad: bool = False) -> Any:
    """The same numbers without a history as a tensor of a class of the script's."""
    made = data.detach()
    made.__class__ = cls
    return made.requires_grad_() if require_grad else made


@export("method", "reshape")
def reshape_method(self: Any, *shape: Any, **named: Any) -> Any:
    """x.reshape(2, -1): a view where that is possible, else a copy."""
    wanted = new_size(self._data.size, sizes_of(tuple(named.values()) if named else shape))
    data = self._data
    if data.flags.c_contiguous or not data.size:
        return _view(self, {"size": wanted})
    if np.may_share_memory(data, data.reshape(wanted)):
        return apply(_strided_view, (self,), {"size": wanted})
    return _unsafe_view(_clone(self), {"size": wanted})


@export("torch")
def reshape(input: Any, shape: Any) -> Any:
    """torch.reshape."""
    return reshape_method(input, shape)


@export("torch method", "t")
def t_public(input: Any) -> Any:
    """Transpose of a matrix."""
    if input._data.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input._data.ndim}D")
    return apply(t_, (input,))


_T_OF_MANY = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future "
    "release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions "
    "of a tensor. (Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/TensorShape.cpp:4314.)"
)


@export("property", "T")
def _T(self: Any) -> Any:
    if self._data.ndim not in (0, 2):
        modes.warn_once(_T_OF_MANY)
    if not self._data.ndim:
        modes.warn_once(kernel_warning("T"))
    return apply(permute, (self,), {"dims": tuple(reversed(range(self._data.ndim)))})


@export("torch method", "transpose", "swapaxes", "swapdims")
def transpose_(input: Any, dim0: int, dim1: int) -> Any:
    """Swap two dimensions."""
    n = input._data.ndim
    if n and -n <= dim0 < n and -n <= dim1 < n:
        return _transpose(input, {"dim0": dim0 % n, "dim1": dim1 % n})
    a, b = dims((dim0,), n) or (0,), dims((dim1,), n) or (0,)
    return apply(transpose, (input,), {"dim0": a[0], "dim1": b[0]})


_ORDERS = {formats.CONTIGUOUS: "C", formats.CHANNELS_LAST: "channels_last", formats.CHANNELS_LAST_3D: "channels_last"}


@export("torch method", "clone")
def clone_(input: Any, *, memory_format: Any = None) -> Any:
    """A copy that autograd follows."""
    order = _ORDERS.get(memory_format)
    return apply(clone, (input,), {"order": order} if order else {})


def _no_dtype(given: str) -> Any:
    raise TypeError(
        f"to() received an invalid combination of arguments - got ({given}), but expected one of:\n"
        " * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, torch.memory_format "
        "memory_format = None)\n"
        " * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n"
        " * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n"
    )


@export("method")
def to(
    self: Any,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    copy: bool = False,
    non_blocking: bool = False,
    memory_format: Any = None,
    tensor: Any = None,
) -> Any:
    """Another dtype (the device is always the CPU)."""
    if tensor is not None:
        args = (tensor,)
    if dtype.__class__ is type:
        dtype = dtypes.of_type(dtype) or _no_dtype("dtype=type, ")
    for a in (*args, device):
        if isinstance(a, dtypes.dtype):
            dtype = a
        elif a.__class__ is type:
            dtype = dtypes.of_type(a) or _no_dtype("type")
        elif isinstance(a, Tensor):
            dtype = a.dtype
        elif a is not None and not isinstance(a, bool) and str(a) != "cpu":
            from ...environment import check_device

            check_device(a)
    flags = [a for a in args if isinstance(a, bool)]  # non_blocking, then copy
    kind = self._data.dtype if dtype is None else dtype.numpy
    order = _ORDERS.get(memory_format)
    lies_so = order is None or formats.slowest_dimension_first(self._data, memory_format).flags.c_contiguous
    if order == "channels_last" and lies_so:  # of one channel both orders are right, and PyTorch goes by how the strides look
        lies_so = self._data.strides[1] <= self._data.strides[-1]
    if kind is self._data.dtype and lies_so and not copy and flags[1:] != [True]:
        return self
    return apply(to_copy, (self,), {"dtype": kind, "order": order} if order else {"dtype": kind})


def _caster(d: dtypes.dtype) -> Any:
    def method(self: Any, *, memory_format: Any = None) -> Any:
        return to(self, d, memory_format=memory_format)

    return method


for _name, _dtype in {
    "float": dtypes.float32, "double": dtypes.float64, "half": dtypes.float16, "bfloat16": dtypes.bfloat16, "int": dtypes.int32, "long": dtypes.int64,
    "short": dtypes.int16, "char": dtypes.int8, "byte": dtypes.uint8, "bool": dtypes.bool_, "cfloat": dtypes.complex64,
    "cdouble": dtypes.complex128,
}.items():  # fmt: skip
    export("method", _name)(_caster(_dtype))

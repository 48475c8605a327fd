"""Tensors from data: torch.tensor, ones, zeros, arange and their kin; random ones are in sampling.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, events, modes
from ..environment import check_device, on_cpu
from ..errors import class_name, must_fit
from ..half.bfloat16 import cast
from ..memory import formats
from ..memory.inplace import overwrite
from ..naming.namespace import export
from ..ops.views.shape import sizes_of
from ..tensor import Tensor
from ..warned import kernel_warning
from .given import OF_PYTHON, array_of, taken


def leaf(data: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
    """A new leaf of an array, told to the watcher."""
    if dtype is not None and data.dtype is not dtype.numpy:
        data = cast(data, dtype.numpy)
    made: Tensor = Tensor._of(data)
    if requires_grad:
        if data.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        made._requires_grad = True
    told(made)
    return made


def told(made: Tensor) -> None:
    """A tensor that no op made is a leaf from here on."""
    if events.intervention is not None:
        events.intervention.leaf(made)
    if events.watcher is not None:
        events.watcher.create_leaf(made)


_NO_DATA: Any = object()


def _checked(name: str, data: Any, dtype: Any) -> Any:
    """The dtype, where data is given and the dtype is one; PyTorch's errors otherwise."""
    if data is _NO_DATA:
        raise TypeError(f'{name}() missing 1 required positional arguments: "data"')
    if dtype is None or isinstance(dtype, dtypes.dtype):
        return dtype
    if isinstance(dtype, type) and dtype in OF_PYTHON:
        return OF_PYTHON[dtype]
    raise TypeError(f"{name}(): argument 'dtype' must be torch.dtype, not {class_name(dtype)}")


@export("torch")
def tensor(
    data: Any = _NO_DATA, *more: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A leaf with a copy of the data."""
    if more:
        raise TypeError(f"tensor() takes 1 positional argument but {1 + len(more)} were given")
    dtype = _checked("tensor", data, dtype)
    if device is not None:
        if isinstance(device, (float, list, tuple)):
            raise TypeError(f"tensor(): argument 'device' must be torch.device, not {class_name(device)}")
        check_device(device)
    _no_tensor(data, "torch.tensor")
    return leaf(array_of(data, dtype), requires_grad, dtype)


def _no_tensor(data: Any, function: str) -> None:
    if isinstance(data, Tensor):
        modes.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            f"sourceTensor.detach().clone().requires_grad_(True), rather than {function}(sourceTensor)."
        )


@export("torch")
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the memory of an array."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {class_name(ndarray)})")
    if not ndarray.flags.writeable:
        modes.warn_once(kernel_warning("not writable"))
    return leaf(taken(ndarray))


@export("torch")
def frombuffer(buffer: Any, *, dtype: Any = None, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A row of numbers that shares the memory of a bytearray, an array.array, ..."""
    if dtype is None:
        raise TypeError('frombuffer() missing 1 required positional arguments: "dtype"')
    try:
        memory = memoryview(buffer).cast("B")
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    size, step = memory.nbytes, dtype.itemsize
    if size == 0 or count == 0:
        raise ValueError(f"both buffer length ({size}) and count ({count}) must not be 0")
    if not 0 <= offset < size:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({size} bytes) minus 1")
    if count < 0 and (size - offset) % step:
        raise ValueError(f"buffer length ({size - offset} bytes) after offset ({offset} bytes) must be a multiple of element size ({step})")
    if count > 0 and count * step > size - offset:
        raise ValueError(
            f"requested buffer length ({count} * {step} bytes) after offset ({offset} bytes) must not be greater than actual buffer length "
            f"({size} bytes)"
        )
    if memory.readonly:
        modes.warn_once(
            "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to the underlying "
            "(supposedly non-writable) buffer using the tensor. You may want to copy the buffer to protect its data or make it writable before "
            "converting it to a tensor. This type of warning will be suppressed for the rest of this program. (Triggered internally at "
            "/__w/pytorch/pytorch/torch/csrc/utils/tensor_new.cpp:1556.)"
        )
        memory = memoryview(bytearray(memory))
    return leaf(np.frombuffer(memory, dtype.numpy, count, offset), requires_grad)


@export("torch")
def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None) -> Any:
    """The data as a tensor, shared unless `copy` says otherwise; `requires_grad=False` cuts it off its history."""
    made: Any = as_tensor(obj, dtype)
    if copy and (made is obj or isinstance(obj, np.ndarray)):
        made = made.clone()
    elif copy is False and made is not obj and not isinstance(obj, np.ndarray):
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    if requires_grad is None and made is obj and made.requires_grad:
        modes.warn_once(kernel_warning("asarray"))
    if requires_grad is False and made.requires_grad:
        made = made.detach()
    return made.requires_grad_() if requires_grad and not made.requires_grad else made


@export("torch", "as_tensor")
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, shared where that is possible."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)  # type: ignore[attr-defined, no-any-return]
    return leaf(taken(data) if isinstance(data, np.ndarray) else array_of(data, dtype), False, dtype)


def size_of(name: str, args: tuple[Any, ...], position: int = 1) -> tuple[int, ...]:
    """A shape of the arguments of a constructor; PyTorch's words for what is none."""
    plain = args[0] if len(args) == 1 and args[0].__class__ is tuple else args
    for n in plain:
        if n.__class__ is not int or n < 0:
            break
    else:
        return plain
    if len(args) == 1 and not isinstance(args[0], (int, np.integer)):
        given = args[0]
        if isinstance(given, Tensor) and given._data.ndim == 0 and given._data.dtype.kind == "i":
            return (int(given),)
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"{name}(): argument 'size' (position {position}) must be tuple of ints, not {class_name(given)}")
        args = tuple(given)
    for k, n in enumerate(args, 1):
        whole = isinstance(n, (int, np.integer)) or (isinstance(n, Tensor) and n._data.ndim == 0 and n._data.dtype.kind == "i")
        if not whole:
            raise TypeError(
                f"{name}(): argument 'size' failed to unpack the object at pos {k} with error "
                f'"type must be tuple of ints,but got {class_name(n)}"'
            )
    shape = sizes_of(tuple(args))
    if name == "zeros" and any(n < 0 for n in shape):
        raise RuntimeError("zeros: Dimension size must be non-negative.")
    return _natural(shape)


def _natural(shape: tuple[int, ...]) -> tuple[int, ...]:
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{', '.join(map(str, shape))}]")
    return shape


def _given(out: Tensor | None, made: Any, requires_grad: bool) -> Tensor:
    """A new leaf, or the same numbers in `out=`."""
    if out is None:
        return leaf(made, requires_grad)
    if out._data.shape != made.shape:
        out._data = np.empty(made.shape, out._data.dtype)
    overwrite(out, made, "op")
    return out


def _kind(dtype: Any, out: Tensor | None) -> Any:
    """The dtype that is asked for, else that of `out=`, else the default."""
    return dtype or (out.dtype if out is not None else dtypes.get_default_dtype())


def _all(shape: tuple[int, ...], value: Any, kind: Any) -> Any:
    if kind.kind == "V":
        return cast(np.full(shape, value, np.float32), kind)
    return np.zeros(shape, kind) if type(value) is int and not value else np.full(shape, value, kind)


def _filled(name: str, value: Any) -> None:
    def function(
        *args: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, layout: Any = None,
        pin_memory: bool = False, memory_format: Any = None,
    ) -> Tensor:  # fmt: skip
        if not args and size is None:
            raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
        shape = size_of(name, args if size is None else (size,))
        made = _all(shape, value, _kind(dtype, out).numpy)
        return _given(out, made if memory_format is None else formats.laid_out(made, memory_format), requires_grad)

    def like(
        input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None, layout: Any = None
    ) -> Tensor:
        made = formats.empty_like(input._data, (dtype or input.dtype).numpy, memory_format)
        made[...] = _all((), value, made.dtype)
        return leaf(made, requires_grad)

    def new(
        self: Any, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
    ) -> Tensor:  # fmt: skip
        shape = _natural(sizes_of(tuple(named.values()) or size))
        return leaf(_all(shape, value, (dtype or self.dtype).numpy), requires_grad)

    function.__name__ = name
    export("torch", name)(function)
    export("torch", name + "_like")(like)
    new.__name__ = f"new_{name}"
    export("method", new.__name__)(on_cpu(new))


_filled("ones", 1)
_filled("zeros", 0)
_filled("empty", 0)


@export("torch")
def empty_strided(
    size: Any,
    stride: Any,
    *,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """A tensor of any sizes and strides, with memory of its own."""
    shape, steps = tuple(size), tuple(stride)
    if len(shape) != len(steps):
        raise RuntimeError(f"dimensionality of sizes ({len(shape)}) must match dimensionality of strides ({len(steps)})")
    if any(n < 0 for n in shape):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    if any(s < 0 for s in steps):
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(shape)} and strides={list(steps)}")
    memory = np.zeros(sum((n - 1) * s for n, s in zip(shape, steps, strict=True)) + 1 if all(shape) else 0, _kind(dtype, None).numpy)
    return leaf(np.lib.stride_tricks.as_strided(memory, shape, tuple(s * memory.itemsize for s in steps)), requires_grad)


@export("torch")
def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Any:
    """A tensor whose dimensions lie in memory in the order that is given, the slowest first."""
    shape, order = tuple(size), tuple(physical_layout)
    if len(shape) != len(order):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. "
            f"len(size) = {len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    for k, d in enumerate(order):
        if not 0 <= d < len(shape):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(shape) - 1}, but got {d} at index {k}).  NB: negative dims not "
                "currently supported; file an issue if you want it."
            )
        if d in order[:k]:
            raise RuntimeError("Duplicate dim not allowed")
    return leaf(np.zeros([shape[d] for d in order], _kind(dtype, None).numpy).transpose(np.argsort(order)), requires_grad)


@export("method")
def new_empty_strided(self: Any, size: Any, stride: Any, dtype: Any = None, **options: Any) -> Any:
    """The same, with the dtype of another tensor."""
    return empty_strided(size, stride, dtype=dtype or self.dtype, **options)


def _repeated(shape: tuple[int, ...], value: Any, d: dtypes.dtype) -> Any:
    """One value everywhere; a small negative one wraps around in uint8."""
    number = value.item() if isinstance(value, Tensor) else value
    must_fit(number, d)
    return np.full(shape, cast(np.asarray(number), d.numpy), d.numpy)


@export("torch")
def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None) -> Tensor:
    """A tensor of one value."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    d = _kind(dtype, out) if out is not None else dtype or dtypes.of_number(value)
    made = _repeated(_natural(sizes_of((size,))), value, d)
    return _given(out, made, requires_grad)


export("torch")(full)


@export("torch")
def full_like(
    input: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Tensor:
    """A tensor of one value that lies in memory as another."""
    made = formats.empty_like(input._data, (dtype or input.dtype).numpy, memory_format)
    made[...] = _repeated((), fill_value, dtype or input.dtype)
    return leaf(made, requires_grad)


@export("method")
@on_cpu
def new_full(self: Any, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of one value, in the dtype of another."""
    return leaf(_repeated(_natural(sizes_of((size,))), fill_value, dtype or self.dtype), requires_grad)


@export("method", "new_tensor")
def new_tensor(self: Tensor, data: Any = _NO_DATA, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of data, in the dtype of another."""
    dtype = _checked("new_tensor", data, dtype) or self.dtype
    _no_tensor(data, "tensor.new_tensor")
    return leaf(array_of(data, dtype), requires_grad, dtype)


export("torch", "scalar_tensor")(
    lambda s, *, dtype=None, device=None, requires_grad=False: leaf(_repeated((), s, dtype or dtypes.get_default_dtype()), requires_grad)
)


@export("torch")
def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None) -> Tensor:
    """Ones on the diagonal."""
    if n < 0:
        raise RuntimeError(f"n must be greater or equal to 0, got {n}")
    if m is not None and m < 0:
        raise RuntimeError(f"m must be greater or equal to 0, got {m}")
    return _given(out, cast(np.eye(n, m, dtype=np.uint8), _kind(dtype, out).numpy), requires_grad)


def _not_negative(row: int, col: int) -> None:
    for name, n in (("row", row), ("col", col)):
        if n < 0:
            raise RuntimeError(f"{name} must be non-negative, got{n}")


@export("torch")
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Places at and below a diagonal."""
    _not_negative(row, col)
    return leaf(np.stack(np.tril_indices(row, offset, col)).astype((dtype or dtypes.int64).numpy))


@export("torch")
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Places at and above a diagonal."""
    _not_negative(row, col)
    return leaf(np.stack(np.triu_indices(row, offset, col)).astype((dtype or dtypes.int64).numpy))

"""The memory under a tensor as PyTorch shows it: Tensor.untyped_storage() and Tensor.storage(), and what looks at other memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import events
from ..errors import expanded
from ..half.bfloat16 import narrow, readable
from ..naming.namespace import export
from ..naming.rows import must_be_tensor
from ..tensor import CPU, Tensor
from .inplace import check, writeable
from .places import check_offset, in_line, look, origin, owner, reach, reshape, steps_of, with_room
from .storage import Storage

Array = np.ndarray[Any, Any]


class UntypedStorage:
    """The bytes that a tensor and its views share (torch.UntypedStorage)."""

    __module__ = "torch.storage"
    device = CPU

    def __init__(self, array: Array) -> None:
        self._array = owner(array)

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return int(self._array.__array_interface__["data"][0])

    def nbytes(self) -> int:
        """How many bytes there are."""
        return int(self._array.nbytes)

    size = nbytes
    __len__ = nbytes

    def element_size(self) -> int:
        """Bytes of one of them: it is a byte."""
        return 1

    def clone(self) -> UntypedStorage:
        """The same bytes in memory of their own."""
        return UntypedStorage(self._array.copy())

    def tolist(self) -> list[int]:
        """The bytes."""
        return list(self._array.tobytes("A"))

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __getitem__(self, index: Any) -> Any:
        return self.tolist()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and self._array is other._array

    def __hash__(self) -> int:
        return self.data_ptr()

    is_cuda, is_sparse = False, False

    def get_device(self) -> None:
        """The number of the accelerator: there is none."""

    def cpu(self) -> Any:
        """It is there."""
        return self

    def is_pinned(self, device: Any = None) -> bool:
        """Whether an accelerator reads it without the CPU: there is none."""
        return False

    is_shared = is_pinned

    def __repr__(self) -> str:
        lines = "".join(f" {byte}\n" for byte in self.tolist())
        return f"{lines}[torch.storage.UntypedStorage(device=cpu) of size {len(self)}]"


class TypedStorage:
    """The numbers that a tensor and its views share (torch.TypedStorage)."""

    __module__ = "torch.storage"
    device = CPU

    def __init__(self, tensor: Tensor) -> None:
        self._array = owner(origin(tensor))
        self.dtype = tensor.dtype

    def data_ptr(self) -> int:
        """The address of the first number."""
        return int(self._array.__array_interface__["data"][0])

    def nbytes(self) -> int:
        """How many bytes there are."""
        return int(self._array.nbytes)

    def element_size(self) -> int:
        """Bytes of one number."""
        return int(self._array.itemsize)

    def clone(self) -> TypedStorage:
        """The same numbers in memory of their own."""
        return TypedStorage(Tensor._of(self._array.copy()))

    def type(self) -> str:
        """The name of the class that such storages once had."""
        return f"torch.{self.dtype.scalar_name}Storage"

    is_cuda, is_sparse = UntypedStorage.is_cuda, UntypedStorage.is_sparse
    get_device, cpu, is_pinned, is_shared = (
        UntypedStorage.get_device, UntypedStorage.cpu, UntypedStorage.is_pinned, UntypedStorage.is_shared,
    )  # fmt: skip

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self._array)

    def size(self) -> int:
        """How many numbers there are."""
        return int(self._array.size)

    __len__ = size

    def tolist(self) -> list[Any]:
        """The numbers in the order in which they lie in memory."""
        return self._array.ravel("K").tolist()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, index: Any) -> Any:
        return self.tolist()[index]

    def __repr__(self) -> str:
        lines = "".join(f" {number}\n" for number in self.tolist())
        return f"{lines}[torch.storage.TypedStorage(dtype={self.dtype!r}, device=cpu) of size {len(self)}]"


export("method", "untyped_storage")(lambda self: UntypedStorage(origin(self)))
export("torch", "UntypedStorage")(UntypedStorage)
export("torch", "TypedStorage")(TypedStorage)
export("torch", "is_storage")(lambda obj: isinstance(obj, (UntypedStorage, TypedStorage)))


@export("method", "storage")
def storage(self: Tensor) -> TypedStorage:
    """The older way to the memory."""
    warnings.warn(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage class. This should only "
        "matter to you if you are using storages directly.  To access UntypedStorage directly, use tensor.untyped_storage() instead of "
        "tensor.storage()",
        stacklevel=2,
    )
    return TypedStorage(self)


export("method", "_is_view")(lambda self: self._base is not None)


@export("method", "is_set_to")
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether two tensors look at the same place of the same memory in the same way."""
    a, b = self._data, tensor._data
    same = a.__array_interface__["data"][0] == b.__array_interface__["data"][0]
    return bool(same and a.shape == b.shape and a.strides == b.strides)


def _look_elsewhere(self: Tensor, data: Array, whole: Array) -> None:
    """Let a tensor look at another place; the version stays the tensor's own, and is counted."""
    if events.watcher is not None:
        events.watcher.before_write(self)
    version = self._storage.version
    self._data, self._origin = data, whole
    self._storage = Storage()
    self._storage.version = version + 1
    if events.watcher is not None:
        events.watcher.inplace_write(None, self, (), "data")


@export("method", "set_")
def set_(self: Tensor, source: Any = None, storage_offset: int | None = None, size: Any = None, stride: Any = None) -> Tensor:
    """Look at the memory of another tensor or of a storage from now on; without one, at none."""
    check(self)
    dtype = self._data.dtype
    if source is None:
        _look_elsewhere(self, empty := np.empty(0, dtype), empty)
        return self
    if isinstance(source, Tensor):
        if source._data.dtype is not dtype:
            raise RuntimeError(f"Could not set tensor of type {source.dtype.c_name} to a tensor of type {self.dtype.c_name}")
        if storage_offset is None:
            _look_elsewhere(self, source._data, origin(source))
            return self
        whole = origin(source)
    elif not isinstance(source, (UntypedStorage, TypedStorage)):
        raise must_be_tensor("set_", "source", 1, source)
    else:
        whole = source._array
    line = in_line(whole).view(dtype)
    if size is None:
        storage_offset, size = 0, line.shape
    shape = tuple(size) if isinstance(size, (tuple, list)) else (size,)
    steps = steps_of(shape) if stride is None else tuple(stride) if isinstance(stride, (tuple, list)) else (stride,)
    if any(n < 0 for n in shape):
        raise RuntimeError("numel: integer multiplication overflow")
    if len(shape) != len(steps):
        raise RuntimeError(f"unequal size length ({len(shape)}) and stride length ({len(steps)})")
    if any(s < 0 for s in steps):
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(shape)} and strides={list(steps)}")
    start = storage_offset or 0
    check_offset(start)
    room = with_room(line, reach(shape, steps, start))
    _look_elsewhere(self, look(room, shape, steps, start), whole if room is line else room)
    return self


@export("method")
def resize_(self: Tensor, *sizes: Any, memory_format: Any = None, **named: Any) -> Tensor:
    """Another shape over the same memory; where there is too little of it, over more, in which new numbers are arbitrary."""
    sizes = tuple(named.values()) or sizes
    if self._requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    shape = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    if any(n < 0 for n in shape):
        raise RuntimeError("numel: integer multiplication overflow")
    if shape == self._data.shape:
        return self
    if events.watcher is not None:
        events.watcher.before_write(self)
    reshape(self, shape)
    self._storage.version += 1
    if events.watcher is not None:
        events.watcher.inplace_write(None, self, (), "copy")
    return self


def _each(target: Tensor, made: Callable[[Any, int], Any]) -> None:
    """Each number replaced by what is made of it and of its place, one after the other: several may lie in one place of memory.

    PyTorch's loops over Python functions count no version.
    """
    data = writeable(target)
    numbers = readable(data)
    if events.watcher is not None:
        events.watcher.before_write(target)
    for k, place in enumerate(np.ndindex(data.shape)):
        numbers[place] = made(numbers[place].item(), k)
    if numbers is not data:
        data[...] = narrow(numbers)
    if events.watcher is not None:
        events.watcher.inplace_write(None, target, (), "copy")


@export("method", "apply_")
def apply_(self: Tensor, callable: Any) -> Tensor:
    """Each number replaced by what a Python function makes of it."""
    if self._requires_grad:
        raise RuntimeError("Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.")
    _each(self, lambda number, k: callable(number))
    return self


@export("method", "map_")
def map_(self: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Each number replaced by what a Python function makes of it and of its partner."""
    if self._requires_grad or tensor._requires_grad:
        raise RuntimeError("Can't call map_() on Variable that requires grad. Use var.detach().map_() instead.")
    if tensor._data.dtype is not self._data.dtype:
        wanted, given = (f"torch.{each.dtype.scalar_name}Tensor" for each in (self, tensor))
        raise TypeError(f"map_: expected {wanted} for 'other' (got {given})")
    other = np.broadcast_to(tensor._data, expanded(tensor._data, self._data.shape))
    partners = readable(np.array(other)).ravel().tolist()
    _each(self, lambda number, k: callable(number, partners[k]))
    return self


export("method", "share_memory_")(lambda self: self)  # there is one process
export("method", "is_shared")(lambda self: False)
export("method", "pin_memory")(lambda self, device=None: self)

__all__ = ["TypedStorage", "UntypedStorage"]

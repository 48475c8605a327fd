"""The memory under a tensor as PyTorch shows it: Tensor.untyped_storage() and Tensor.storage()."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from .inplace import check, overwrite
from .namespace import export
from .tensor import CPU, Tensor

Array = np.ndarray[Any, Any]


def _whole(array: Array) -> Array:
    """The array that owns the memory which a view looks into."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


class UntypedStorage:
    """The bytes that a tensor and its views share (torch.UntypedStorage)."""

    __module__ = "torch.storage"
    device = CPU

    def __init__(self, array: Array) -> None:
        self._array = _whole(array)

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
        self._array = _whole(tensor._data)
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


export("method", "untyped_storage")(lambda self: UntypedStorage(self._data))
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


@export("method", "set_")
def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """Look at the memory of another tensor from now on; without one, at none."""
    check(self)
    if source is None:
        source = Tensor._of(np.empty(0, self._data.dtype))
    if source._data.dtype is not self._data.dtype:
        raise RuntimeError(
            f"Expected the dtype of the source to match the dtype of self, but got {source.dtype.scalar_name} and {self.dtype.scalar_name}"
        )
    self._data = source._data
    self._storage = source._storage
    return self


@export("method", "apply_")
def apply_(self: Tensor, callable: Any) -> Tensor:
    """Each number replaced by what a Python function makes of it."""
    if self._requires_grad:
        raise RuntimeError("Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.")
    overwrite(self, np.array([callable(v) for v in self._data.ravel().tolist()], self._data.dtype).reshape(self._data.shape))
    return self


@export("method", "map_")
def map_(self: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Each number replaced by what a Python function makes of it and of its partner."""
    if self._requires_grad:
        raise TypeError("map_(): can't be called on a Variable that requires grad. Use var.detach() instead.")
    pairs = zip(self._data.ravel().tolist(), np.broadcast_to(tensor._data, self._data.shape).ravel().tolist(), strict=True)
    overwrite(self, np.array([callable(a, b) for a, b in pairs], self._data.dtype).reshape(self._data.shape))
    return self


export("method", "share_memory_")(lambda self: self)  # there is one process
export("method", "is_shared")(lambda self: False)
export("method", "pin_memory")(lambda self, device=None: self)

__all__ = ["TypedStorage", "UntypedStorage"]

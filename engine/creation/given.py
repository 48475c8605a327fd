"""What a script gives as data, as an array: lists, numbers and arrays of numpy's, with the dtype that PyTorch infers and its errors."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import dtypes, modes
from ..errors import class_name
from ..half.bfloat16 import cast
from ..tensor import Tensor

OF_PYTHON = {float: dtypes.float64, int: dtypes.int64, bool: dtypes.bool_, complex: dtypes.complex128}

_OF_ARRAYS = (
    "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a single numpy.ndarray with "
    "numpy.array() before converting to a tensor. (Triggered internally at /__w/pytorch/pytorch/torch/csrc/utils/tensor_new.cpp:252.)"
)


def taken(array: Any) -> Any:
    """An array of numpy's with the dtype object that the engine compares with (one that was unpickled has its own); PyTorch's errors."""
    if any(stride % max(array.itemsize, 1) for stride in array.strides) and array.size:
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy the numpy array to reallocate the memory."
        )
    if min(array.strides, default=0) < 0:
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You "
            "can probably work around this by making a copy of your array  with array.copy().) "
        )
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is currently not supported."
        )
    known = dtypes.BY_NUMPY.get(array.dtype)
    if known is None or known is dtypes.bfloat16:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{array.dtype.type.__name__}. The only supported types are: float64, float32, float16, "
            "complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."
        )
    return array if array.dtype is known.numpy else array.view(known.numpy)


def array_of(data: Any, dtype: Any = None) -> Any:
    """Python data as an array of the dtype that PyTorch infers; with a dtype the numbers keep all their digits until `leaf` casts."""
    if isinstance(data, np.ndarray):
        return np.array(taken(data))
    if isinstance(data, (str, bytes)):  # numpy's, too
        raise TypeError(f"new(): invalid data type '{class_name(data)}'")
    if isinstance(data, (bytearray, memoryview)):
        data = list(data)
    if isinstance(data, np.generic):
        return taken(np.array(data))
    if isinstance(data, Tensor):
        return data._data.copy()
    if isinstance(data, (list, tuple)):
        first = data
        while isinstance(first, (list, tuple)) and first:
            first = first[0]
        if dtype is None and isinstance(first, Tensor) and first._data.dtype.kind == "V":
            return cast(array_of(data, first.dtype), first._data.dtype)
        if data and isinstance(data[0], np.ndarray):
            modes.warn_once(_OF_ARRAYS)
            if any(np.shape(each) != data[0].shape for each in data):
                raise _ragged([np.shape(each) for each in data])
            joined = np.array(data)
            if joined.dtype.kind == "U":
                raise ValueError("too many dimensions 'str'")
            return taken(joined)
        own = _met(data) if dtype is None else None
        data = _plain(data)
        if own is not None:
            return cast(np.array(data), own.numpy)
    if data is None or isinstance(data, dict):
        raise RuntimeError(f"Could not infer dtype of {class_name(data)}")
    array = np.array(data)
    if dtype is None and array.dtype == np.uint64:  # numpy's answer to whole numbers too large for int64
        raise ValueError("Overflow when unpacking long long")
    if dtype is not None and array.dtype.kind in "iu" and dtype.numpy.kind in "iu" and array.size:
        limits = np.iinfo(dtype.numpy)
        lowest = limits.min or -int(limits.max)  # what is negative wraps around in types without a sign
        if array.max() > limits.max or array.min() < lowest:
            raise RuntimeError(f"value cannot be converted to type {dtype.name} without overflow")
    if dtype is not None and array.dtype.kind == "f" and dtype.numpy.kind in "iu" and array.size:
        limits = np.iinfo(dtype.numpy)
        if not ((array >= limits.min) & (array <= limits.max)).all():
            raise RuntimeError(f"value cannot be converted to type {dtype.name} without overflow")
    if dtype is not None and array.dtype.kind == "c" and dtype.numpy.kind == "f":
        raise TypeError("must be real number, not complex")
    if array.dtype.kind in "fc" and dtype is None:
        default = dtypes.get_default_dtype()
        return cast(array, (default.to_complex() if array.dtype.kind == "c" else default).numpy)
    if array.dtype.kind == "O":
        for value in array.ravel().tolist():
            if not isinstance(value, (bool, int, float, complex)):
                raise RuntimeError(f"Could not infer dtype of {class_name(value)}")
        raise ValueError("Overflow when unpacking long long")
    if array.dtype.kind == "S":
        raise TypeError("new(): invalid data type 'bytes'")
    if array.dtype.kind == "U":
        first = data
        while isinstance(first, list):
            first = first[0]
        if isinstance(first, str):  # PyTorch counts dimensions along the first elements, and a text has one more
            raise ValueError("too many dimensions 'str'")
        raise TypeError("new(): invalid data type 'str'")
    return array


def _met(data: Any) -> Any:
    """The dtype in which the elements of a list meet where one of them has a dtype of its own, as tensors and numpy's numbers do; else None."""
    own: set[Any] = set()
    plain: set[type] = set()
    waiting = [data]
    while waiting:
        items = waiting.pop()
        for kind in set(map(type, items)):
            if kind in OF_PYTHON:
                plain.add(kind)
            elif kind is list or kind is tuple:
                waiting += [item for item in items if type(item) is kind]
            elif issubclass(kind, np.number | np.bool_):
                own.add(dtypes.BY_NUMPY.get(np.dtype(kind)))
            elif issubclass(kind, Tensor):
                own.update(item.dtype for item in items if type(item) is kind)
            else:
                return None
    if not own or None in own:
        return None
    default = dtypes.get_default_dtype()
    met = {float: default, complex: default.to_complex()}
    return functools.reduce(dtypes.promote, [*own, *(met.get(kind, OF_PYTHON[kind]) for kind in plain)])


def _ragged(shapes: list[tuple[int, ...]]) -> Exception:
    """PyTorch's error for a list of arrays of several shapes: it counts the lengths from the outside to the inside."""
    first = shapes[0]
    for shape in shapes[1:]:
        for k, (wanted, got) in enumerate(zip(first, shape, strict=False), 1):
            if wanted != got:
                return ValueError(f"expected sequence of length {wanted} at dim {k} (got {got})")
        if len(shape) < len(first):
            return TypeError("not a sequence")
    return ValueError("only one element tensors can be converted to Python scalars")


def _plain(data: Any) -> Any:
    """Nested lists with the tensors and arrays inside as numbers; PyTorch's error for ragged ones."""
    if isinstance(data, Tensor):
        if data._data.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return data.item()
    if isinstance(data, np.ndarray):
        return data.tolist()
    if isinstance(data, (list, tuple)):
        rows = [_plain(d) for d in data]
        lengths = [len(r) if isinstance(r, list) else -1 for r in rows]
        for k, n in enumerate(lengths):
            if n != lengths[0]:
                if n < 0 or lengths[0] < 0:
                    whole = not isinstance(data[0], float)
                    raise TypeError(
                        "not a sequence" if lengths[0] >= 0
                        else f"'{class_name(data[k])}' object cannot be interpreted as an integer" if whole
                        else f"must be real number, not {class_name(data[k])}"
                    )  # fmt: skip
                raise ValueError(f"expected sequence of length {lengths[0]} at dim 1 (got {n})") from None
            del k
        return rows
    return data


def numbers(data: Any, dtype: Any) -> Any:
    """The array of what a list holds, for a tensor that its maker tells the watcher of itself."""
    return cast(array_of(data, dtype), dtype.numpy)

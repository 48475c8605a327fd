"""Cotangents: arrays, and tensors where the backward pass itself is recorded (create_graph)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import op as rows
from ..dtypes import BY_NUMPY
from ..half.bfloat16 import cast as narrowed
from ..half.bfloat16 import narrow, readable
from .scattered import Scattered

if TYPE_CHECKING:
    from ..tensor import Tensor

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Un-broadcast: sum over the axes along which `shape` was stretched. The one place where it is done."""
    leading = g.ndim - len(shape)
    if type(g) is _ndarray or not leading:
        return rows.UNBROADCAST[0](g, size=shape)
    if not shape:
        return rows.UNBROADCAST[1](g, size=shape)
    whole = (1,) * leading + tuple(shape)  # a sum that keeps its dimensions, and a view, as in PyTorch's sum_to
    return (rows.UNBROADCAST[0](g, size=whole) if tuple(g.shape) != whole else g).view(shape)


def added(a: Any, b: Any) -> Any:
    """Two cotangents added; numpy makes a scalar of two 0-d arrays."""
    try:
        total = a + b
    except TypeError:  # words
        return narrow(readable(a) + readable(b))
    return np.asarray(total) if isinstance(total, np.generic) else total


def data_of(g: Any) -> Array:
    return g if type(g) is _ndarray else g._data


def wrapped(data: Any) -> Tensor:
    return rows._Tensor._of(data if type(data) is _ndarray else np.asarray(data))  # type: ignore[no-any-return]


def cast(g: Any, dtype: Any) -> Any:
    if type(g) is _ndarray:
        if g.dtype.kind == "V" or dtype.kind == "V":
            return narrowed(g, dtype)
        return g.real.astype(dtype) if g.dtype.kind == "c" and dtype.kind == "f" else g.astype(dtype)
    if dtype.kind == "f" and g._data.dtype.kind == "c":
        g = g.real
    return g.to(BY_NUMPY[dtype])


def as_tensor(g: Any) -> Any:
    return wrapped(g) if type(g) is _ndarray else g.tensor() if type(g) is Scattered else g


def cotangent_of(tensor: Any) -> Any:
    """The numbers of a gradient, which may be a sparse tensor."""
    return tensor._data if tensor._places is None else Scattered(tensor._places, tensor._entries._data, tensor._sizes)


def handed_back(value: Any, create: bool) -> Any:
    return value if create or value is None else cotangent_of(value)

"""The numbers that layers start with, drawn in PyTorch's order from PyTorch's stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import dtypes, modes, random
from ...calls.signatures import refusal
from ...environment import check_device
from ...errors import class_name, sizes
from ...half.bfloat16 import cast
from ...memory.inplace import overwrite
from ...random import draws
from ...tensor import Tensor
from ..parameter import Parameter


def here(device: Any) -> None:
    """PyTorch's error for a layer on a device that is not there."""
    if device is not None and str(device) != "meta":
        check_device(device)


def kind(dtype: Any) -> Any:
    """numpy's dtype of a new parameter; the error of PyTorch's parser where what is given is none."""
    if dtype is not None and not isinstance(dtype, dtypes.dtype):
        told = refusal("torch", "empty", ((),), {"dtype": dtype})
        if told is not None:
            raise told
        dtype = dtypes.of_type(dtype)
    return (dtype or dtypes.get_default_dtype()).numpy


def _written(data: Any) -> Parameter:
    """A parameter at version 1: PyTorch fills the memory of layers in place, and errors tell how often that was written."""
    made = Parameter(Tensor._of(data))
    made._storage.version = 1
    return made


def uniform(shape: tuple[int, ...], bound: float, dtype: Any = None) -> Parameter:
    """A parameter drawn from U(-bound, bound)."""
    d = kind(dtype)
    _must_be_sizes(shape)
    data = draws.uniform(random.default_generator, shape, -bound, bound, d) if math.prod(shape) else np.zeros(shape, d)
    return _written(data)


def _must_be_sizes(shape: tuple[int, ...]) -> None:
    """PyTorch's error for a layer of no such size: it asks for memory first."""
    for k, n in enumerate(shape):
        if not isinstance(n, (int, np.integer)) or (not k and isinstance(n, bool)):
            told = f"argument 'size' failed to unpack the object at pos {k + 1} with error \"type must be tuple of ints,but got {class_name(n)}\""
            if not k:
                told = f"argument 'size' (position 1) must be tuple of ints, but found element of type {class_name(n)} at pos 0"
            raise TypeError(f"empty(): {told}")
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {sizes(shape)}")


def must_be_size(shape: Any) -> None:
    """PyTorch's error for a layer whose one size is none: what its parser says of the memory that it asks for."""
    told = refusal("torch", "empty", (shape,), {})
    if told is not None:
        raise told
    listed = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    for n in listed:
        if int(n) < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {sizes(listed)}")


def normal(shape: tuple[int, ...], dtype: Any = None) -> Parameter:
    """A parameter drawn from N(0, 1)."""
    _must_be_sizes(shape)
    return _written(draws.randn(random.default_generator, shape, kind(dtype)))


def full(shape: Any, value: float, dtype: Any = None) -> Parameter:
    """A parameter of one value."""
    must_be_size(shape)
    return _written(cast(np.full(shape, value), kind(dtype)))


def kaiming(layer: Any, shape: tuple[int, ...], fan_in: int, dtype: Any = None) -> Parameter:
    """The weight of a layer, drawn from kaiming_uniform_(a=sqrt(5))."""
    made = uniform(shape, fan_in_bound(fan_in), dtype)
    if not made._data.size and not hasattr(layer, "cls_to_become"):  # a lazy one has no sizes yet
        modes.warn("Initializing zero-element tensors is a no-op")
    return made


def refill(parameter: Parameter, bound: float) -> None:
    """Draw an existing parameter again from U(-bound, bound)."""
    overwrite(parameter, draws.uniform(random.default_generator, parameter._data.shape, -bound, bound, parameter._data.dtype))


def _counts(fan_in: Any) -> bool:
    return isinstance(fan_in, (int, float)) and fan_in > 0  # of others `uniform` tells what is wrong


def fan_in_bound(fan_in: int) -> float:
    """The bound that kaiming_uniform_(a=sqrt(5)) comes down to."""
    return math.sqrt(3.0) * (math.sqrt(2.0 / (1 + 5)) / math.sqrt(fan_in)) if _counts(fan_in) else 0.0


def bias_bound(fan_in: int) -> float:
    """The bound of a bias."""
    return 1 / math.sqrt(fan_in) if _counts(fan_in) else 0.0

"""The numbers that layers start with, drawn in PyTorch's order from PyTorch's stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, random
from ..inplace import overwrite
from ..tensor import Tensor
from .parameter import Parameter


def _written(data: Any) -> Parameter:
    """A parameter at version 1: PyTorch fills the memory of layers in place, and errors tell how often that was written."""
    made = Parameter(Tensor._of(data))
    made._storage.version = 1
    return made


def uniform(shape: tuple[int, ...], bound: float, dtype: Any = None) -> Parameter:
    """A parameter drawn from U(-bound, bound)."""
    d = (dtype or dtypes.get_default_dtype()).numpy
    data = random.uniform(random.default_generator, shape, -bound, bound, d) if math.prod(shape) else np.zeros(shape, d)
    return _written(data)


def normal(shape: tuple[int, ...], dtype: Any = None) -> Parameter:
    """A parameter drawn from N(0, 1)."""
    return _written(random.randn(random.default_generator, shape, (dtype or dtypes.get_default_dtype()).numpy))


def full(shape: Any, value: float, dtype: Any = None) -> Parameter:
    """A parameter of one value."""
    return _written(np.full(shape, value, (dtype or dtypes.get_default_dtype()).numpy))


def refill(parameter: Parameter, bound: float) -> None:
    """Draw an existing parameter again from U(-bound, bound)."""
    overwrite(parameter, random.uniform(random.default_generator, parameter._data.shape, -bound, bound, parameter._data.dtype))


def fan_in_bound(fan_in: int) -> float:
    """The bound that kaiming_uniform_(a=sqrt(5)) comes down to."""
    return math.sqrt(3.0) * (math.sqrt(2.0 / (1 + 5)) / math.sqrt(fan_in)) if fan_in else 0.0


def bias_bound(fan_in: int) -> float:
    """The bound of a bias."""
    return 1 / math.sqrt(fan_in) if fan_in else 0.0
